"""Variables of closures that do not exist yet, or not any more: while a loop runs, only its frame refers to their cells."""

# expect-stdout:
#   (7998000, 7998000)
#   -4000
#   (2000, 12000)
#   [0, 3, 6, 9]
# expect-no-event: ..."reason":"unbound-variable"...


def made_afterwards(count):
    total = 0
    for i in range(count):
        total += i

    def get():
        return total

    return total, get()


def made_before(count):
    total = 0
    get = lambda: total
    get = None
    for i in range(count):
        total -= 1
    return total


def argument(count, step):
    done = 0
    for i in range(count):
        done += step

    def change():
        nonlocal step
        step = 3
        return step

    return count, done * change()


def made_meanwhile(count):
    functions = []
    for i in range(count):
        j = i % 10
        if j % 3 == 0 and i >= count - 10:
            functions.append(lambda j=j: j)
        elif i == -1:
            functions.append(lambda: j)
    return [function() for function in functions]


print(made_afterwards(4000))
print(made_before(4000))
print(argument(2000, 2))
print(made_meanwhile(4000))
