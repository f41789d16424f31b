"""Writing lists: through aliases, of every type, negative and wrong indices, into lists that are being read."""

# expect-stdout:
#   (286991, [1991, 1992, 1993, 7, 1995, 1995, 1996, 1997, 1998, 1999], [0, 0, 0, 7, 0, 0, 0, 0, 0, 0])
#   (666334, [1999, 2, 3], [-1999, 5, 6])
#   [1, 2.5, True, 's', 's', True, 2.5]
#   (400, 'list assignment index out of range', [1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997])
#   (1500, 1501)
#   (1999000, True)
#   (3916, True)
#   [1499, 1498, 1497, 1496, 1495, 1494, 1499, 1500, 1491, 1490, 1489, 1488]


def aliases(count):
    a = [0] * 10
    b = a
    c = [a, b, [0] * 10]
    total = 0
    for i in range(count):
        a[i % 10] = i
        total += b[i % 10] - c[0][(i + 5) % 10]
        c[i % 3][3] = 7
        total += a[3]
        b[-1 - i % 10] += 1
    return total, a, c[2]


print(aliases(2000))


def forwarding(count):
    a = [1, 2, 3]
    b = [4, 5, 6]
    total = 0
    for i in range(count):
        x = a if i % 3 else b
        x[0] = i
        b[0] = -i
        total += x[0]
    return total, a, b


print(forwarding(2000))


def types(count):
    items = [0] * 7
    values = (1, 2.5, "s", None, True, 1 << 70, [1])
    for i in range(count):
        items[i % 7] = values[(i * i) % 7]
    return items


print(types(2003))


def failing(count):
    items = [0] * 8
    misses = 0
    for i in range(count):
        try:
            items[i % 20 - 10] = i
        except IndexError as error:
            misses += 1
            text = str(error)
    return misses, text, items


print(failing(2000))


def frozen(count):
    t = (1, 2, [3])
    misses = 0
    for i in range(count):
        try:
            t[2] += [i]
        except TypeError:
            misses += 1
    return misses, len(t[2])


print(frozen(1500))


def self_reference(count):
    items = [None, 0]
    items[0] = items
    for i in range(count):
        items = items[0]
        items[1] += i
    return items[1], items[0] is items


print(self_reference(2000))


def bubble(n):
    items = [(i * 7919) % n for i in range(n)]
    swaps = 0
    for i in range(n):
        for j in range(n - 1 - i):
            if items[j] > items[j + 1]:
                items[j], items[j + 1] = items[j + 1], items[j]
                swaps += 1
    return swaps, items == sorted(items)


print(bubble(90))


def slice_assignment(count):
    items = list(range(12))
    for i in range(count):
        items[i % 6 : i % 6 + 2] = [i, i + 1]
        del items[-1]
        items[:0] = [i]
    return items


print(slice_assignment(1500))
