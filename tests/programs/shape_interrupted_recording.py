"""Loops that end, raise or change their mind just where a JIT may be recording them: every trip count from 0 up."""

# expect-stdout:
#   280899.0
#   280896.0
#   849660
#   [780, 10660, 20560, 30520, 40500, 50700, 60920, 71200, 81500, 92628, 103776, 114984]
#   [(0, 0, 0), (1, 0.5, 1), (29, 14.5, 29), (30, 15.0, 30), (31, 15.5, 31), (59, 29.5, 59), (60, 30.0, 60), (61, 30.5, 61), (200, 100.0, 200)]
#   [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]


def total(n, jump):
    s = 0
    for i in range(n):
        s += i
        if i == jump:
            s = s + 0.5
    return s


print(sum(total(n, n - 2) for n in range(120)))
print(sum(total(n, 7) for n in range(120)))


def fails(n):
    items = list(range(n))
    i = 0
    s = 0
    try:
        while True:
            s += items[i] * 3
            i += 1
    except IndexError:
        return s, i


print(sum(a + b for a, b in map(fails, range(120))))


def nested(n, m):
    s = 0
    for i in range(n):
        for j in range(m):
            s += i ^ j
        else:
            s += 1
    return s


print([sum(nested(n, m) for n in range(40)) for m in range(12)])


def rebuilt(n):
    """The same code object under different function objects."""

    def inner(k, step):
        s = 0
        for i in range(k):
            s += step
        return s

    return inner(n, 1), inner(n, 0.5), inner(n, True)


print([rebuilt(n) for n in (0, 1, 29, 30, 31, 59, 60, 61, 200)])


def toggling(n):
    kind = 0
    out = []
    value = 0
    for i in range(n):
        if i % 33 == 32:
            kind = (kind + 1) % 3
            value = (0, 0.0, "")[kind]
        value += (1, 0.5, "a")[kind]
        if i % 100 == 99:
            out.append(value)
    return out


print(toggling(1500))
