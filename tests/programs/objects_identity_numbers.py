"""Numbers that are stored in two places in one go are one object there, as the interpreter has them."""

# expect-stdout:
#   True
#   True
#   1500


def floats(count):
    a = []
    b = []
    for i in range(count):
        x = i * 0.5
        a.append(x)
        b.append(x)
    return all(x is y for x, y in zip(a, b))


print(floats(1500))


def ints(count):
    a = []
    b = []
    for i in range(count):
        n = i * 1000003
        a.append(n)
        b.append(n)
    return all(x is y for x, y in zip(a, b))


print(ints(1500))


def carried(count):
    items = [0.5, 0.0]
    same = 0
    for i in range(count):
        x = items[0]
        items[1] = x
        same += items[0] is items[1]
        if i % 10 == 0:
            items[0] = i + 0.25
    return same


print(carried(1500))
