"""Bools as numbers, numbers as conditions; a bool stays a bool where Python says so."""

# expect-stdout:
#   (8500, 5000, False, 2, -1, 0)
#   [('bool', 9000), ('int', 3000)]
#   5999
#   [1, 2, 3] one True True


def count_true(limit):
    total = 0
    flags = 0
    for i in range(limit):
        flag = i % 3 == 0
        total += flag
        flags += flag * 2 + True
        flag = flag & (i % 2 == 0)
        if flag is True:
            total += 10
        elif flag is False:
            total += 1
    return total, flags, flag, flag | 2, -True, +False


print(count_true(3000))


def kinds(limit):
    seen = {}
    for i in range(limit):
        a = i % 2 == 0
        b = i % 3 == 0
        for value in (a & b, a | b, a ^ b, a and i, a or i, not a, a + b, a == b):
            name = type(value).__name__
            seen[name] = seen.get(name, 0) + 1
    return sorted(seen.items())


print(kinds(1500))


def truth(limit):
    hits = 0
    for i in range(limit):
        for value in (0, 1, 0.0, -0.0, 0.5, "", "a", (), (0,), None, [], [1], i):
            if value:
                hits += 1
    return hits


print(truth(1000))
print([True + i for i in range(3)], {True: "one"}[1], True == 1.0, isinstance(True, int))
