"""More classes meet at an instruction that cannot be left to the VM than it may have bridges for: no more are made."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   470400
# expect-event: {"event":"blacklisted"..."from":..."reason":"too-many-classes"...


def made(number):
    class Few:
        def __iter__(self):
            return iter((number, 1))

    return Few()


def total(things):
    found = 0
    for thing in things:
        for value in thing:
            found += value
    return found


things = [made(number) for number in range(48)]
print(sum(total(things) for _ in range(400)))
