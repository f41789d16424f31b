"""Exits to a loop's header for whose state there is no code yet: when there is, the exit leads to it, however late."""

# expect-stdout:
#   4 4 3000 6000
# expect-event: ..."event":"link"..."place"..."line":21...
# options:


def ordered(count):
    pairs = [(i * 7 % 13, i) for i in range(10)]
    for _ in range(count):
        result = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
    return len(result) - 6


def two(count):
    numbers = [1, 2, 3, 4]
    some = every = 0
    for _ in range(count):
        some += any(x > 3 for x in numbers)
        every += all(x for x in numbers) + all(x < 5 for x in numbers)
    return some, every


first = ordered(3000)
for _ in range(10):
    result = two(3000)
print(first, ordered(3000), *result)
