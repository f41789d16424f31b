"""Values that change places across iterations: swaps, rotations, unpacking, star targets."""

# expect-stdout:
#   (885303321, 709295206)
#   (1, 2.5, 'x', None)
#   (2.5, 'x', None, 1)
#   ('x', None, 1, 2.5)
#   (None, 1, 2.5, 'x')
#   77500
#   (1, 2, ['ValueError', 'ValueError', 'TypeError'])
#   [0, 7, 2, 2, 4, 5, 6, 9, 8, 1]
#   (5708, 2000, 4, 8)


def fibonacci(count):
    a, b = 0, 1
    for _ in range(count):
        a, b = b, (a + b) % 1000000007
    return a, b


print(fibonacci(3000))


def rotate(count):
    a, b, c, d = 1, 2.5, "x", None
    for _ in range(count):
        a, b, c, d = b, c, d, a
    return a, b, c, d


for n in (1000, 1001, 1002, 1003):
    print(rotate(n))


def unpack(count):
    total = 0
    rows = [(1, 2, 3), [4, 5, 6], "789", range(3)]
    for i in range(count):
        first, *rest = rows[i % 4]
        *start, last = rows[(i + 1) % 4]
        x, y, z = rows[i % 4]
        total += int(first) + len(rest) * 10 + int(last) + len(start) + (int(y) if x else 0) + int(z)
    return total


print(unpack(2000))


def wrong_length(count):
    failures = []
    rows = [(1, 2)] * count + [(1, 2, 3), (1,), 5]
    for row in rows:
        try:
            a, b = row
        except (ValueError, TypeError) as error:
            failures.append(type(error).__name__)
    return a, b, failures


print(wrong_length(1500))


def in_place(count):
    items = list(range(10))
    for i in range(count):
        items[i % 10], items[(i * 3) % 10] = items[(i * 3) % 10], items[i % 10]
        i, items[i % 10] = 3, items[i % 10] + 1
    return items


print(in_place(2000))


def walrus(count):
    total = 0
    i = 0
    while (i := i + 1) < count:
        if (m := i % 7) > 3 and (k := m * 2) != 10:
            total += k
    return total, i, m, k


print(walrus(2000))
