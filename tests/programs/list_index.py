"""Reading lists and tuples: negative indices, indices out of range, wrong types of index, slices."""

# expect-stdout:
#   49000 98000 4332.0
#   (1000, 19000, 'list index out of range') (1000, 19000, 'tuple index out of range')
#   (3000, 6000) (3000, 9000) (0, 0)
#   63000
#   (4800, [('IndexError', 600), ('TypeError', 900)])
#   426100


def read(items, count):
    total = 0
    n = len(items)
    for i in range(count):
        total += items[i % n] - items[-1 - i % n] + items[-(i % n)]
    return total


print(read(list(range(50)), 2000), read(tuple(range(0, 100, 2)), 2000), read([1.5, 2, 3], 2000))


def caught(items, count):
    misses = 0
    total = 0
    for i in range(count):
        try:
            total += items[i % 60 - 30]
        except IndexError as error:
            misses += 1
            text = str(error)
    return misses, total, text


print(caught(list(range(20)), 3000), caught(tuple(range(20)), 3000))


def runs_off(items):
    i = 0
    total = 0
    try:
        while True:
            total += items[i]
            i += 1
    except IndexError:
        return i, total


print(runs_off([2] * 3000), runs_off((3,) * 3000), runs_off([]))


def kinds(count):
    things = [[1, 2, 3], (4, 5, 6), "789", b"abc", range(10, 13), {0: 1, 1: 2, 2: 3}]
    total = 0
    for i in range(count):
        total += int(things[i % 6][i % 3])
    return total


print(kinds(3000))


def odd_indices(count):
    items = list(range(10))
    failures = {}
    total = 0
    for i in range(count):
        index = (0, True, -1, 1 << 70, 1.0, None, "0", slice(1, 4), -11)[i % 9]
        try:
            value = items[index]
            total += value if isinstance(value, int) else sum(value)
        except (TypeError, IndexError) as error:
            failures[type(error).__name__] = failures.get(type(error).__name__, 0) + 1
    return total, sorted(failures.items())


print(odd_indices(2700))


def slices(count):
    items = list(range(30))
    total = 0
    for i in range(count):
        part = items[i % 20 : i % 30]
        total += len(part) + sum(items[:: i % 5 + 1]) + sum(items[-3:]) - sum(items[5:2])
    return total


print(slices(1500))
