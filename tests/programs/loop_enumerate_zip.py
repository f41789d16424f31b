"""enumerate, zip and reversed over lists, tuples, strings and ranges; unequal lengths; strict; start values."""

# expect-stdout:
#   (4407200, 2099) (37.0, 11) (665667000, 999)
#   (19369081277395029194000, 9223372036854776506)
#   (1333333000, 2000)
#   (12596, 1400)
#   (10, 5) (0, 0)
#   ('empty', 1499)
#   (1499, 'zip() argument 2 is shorter than argument 1')
#   879412 868964 489990
#   (2238800, 800)
#   2664862999
#   ((0, 0), (1499, 1499), (1499, (1499, 1499)), 1500)


def numbered(items, start):
    total = 0
    for index, item in enumerate(items, start):
        total += index * item
    return total, index


print(numbered([3, 1, 2] * 700, 0), numbered((1.5, 2), 10), numbered(range(2000), -1000))
print(numbered([1, 2] * 700, 9223372036854775807 - 700))


def paired(a, b):
    total = 0
    n = 0
    for x, y in zip(a, b):
        total += x * y
        n += 1
    return total, n


print(paired(range(2000), range(2000, 0, -1)))
print(paired([1, 2, 3] * 700, (4, 5) * 700))
print(paired([1] * 5, range(10**9)), paired([], [1]))


def leftover(count):
    a = iter(range(count))
    b = iter(range(count - 1))
    for _ in zip(a, b):
        pass
    c = iter(range(count))
    d = iter(range(count - 1))
    for _ in zip(d, c):
        pass
    return next(a, "empty"), next(c, "empty")


print(leftover(1500))


def strict(count):
    turns = 0
    try:
        for _ in zip(range(count), [0] * (count - 1), strict=True):
            turns += 1
    except ValueError as error:
        return turns, str(error)


print(strict(1500))


def backwards(items):
    h = 0
    for item in reversed(items):
        h = (h * 7 + item) % 1000003
    return h


print(backwards([1, 2, 3] * 600), backwards(tuple(range(1700))), backwards(range(0, 5000, 3)))


def backwards_shrinking(count):
    items = list(range(count))
    total = 0
    for item in reversed(items):
        total += item
        if len(items) > count // 2:
            items.pop(0)
    return total, len(items)


print(backwards_shrinking(1600))


def everything(count):
    total = 0
    for i, (a, b, (j, c)) in enumerate(zip(range(count), reversed(range(count)), enumerate("abc" * count))):
        total += i * a - b + j + ord(c)
    return total


print(everything(2000))


def kept(count):
    pairs = []
    for pair in zip(range(count), range(count)):
        pairs.append(pair)
    numbered = []
    for pair in enumerate(pairs):
        numbered.append(pair)
    return pairs[0], pairs[-1], numbered[-1], len(set(map(id, pairs)))


print(kept(1500))
