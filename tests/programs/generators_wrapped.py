"""Generators inside enumerate and zip."""

# expect-stdout:
#   10840304
#   22272833
#   [(5, None), (None, 2), (6, None), (None, 3), (7, None), (None, 4), (1, None), (None, None), (2, None), (None, None), (3, None), (None, 1), (4, None), (None, 2)]
#   (72, [(146, (3, 10)), (149, (10, 2))])
#   4941543.75


def count(n):
    for i in range(n):
        yield i


def odd(source):
    for x in source:
        if x % 2:
            yield x


def enumerated(n):
    total = 0
    for i, x in enumerate(odd(count(n)), 5):
        total += i * x
    for i, (j, x) in enumerate(enumerate(count(n))):
        total += i - j + x
    e = enumerate(count(n))
    for i, x in e:
        if i % 7 == 3:
            total += next(e)[1]
    return total


print(enumerated(500))


def zipped(n):
    total = 0
    for a, b in zip(count(n), range(n)):
        total += a * b
    for a, b, c in zip(odd(count(n)), [1, 2, 3] * (n // 9), "ab" * n):
        total += a * b + len(c)
    for a, b in zip(range(n), count(n)):
        total -= a + b
    for a, b in zip(count(n), count(n)):
        total += a - b
    g = count(n)
    for a, b in zip(g, g):
        total += a * b
    for i, (a, b) in enumerate(zip(count(n), count(2 * n))):
        total += i * a - b
    return total


print(zipped(300))


def left_over(n):
    out = []
    for k in range(n):
        g, r = count(10), iter(range(k % 7))
        for a, b in zip(g, r):
            pass
        out.append((next(g, None), next(r, None)))
        g, r = count(k % 6), iter([1, 2, 3, 4])
        for a, b in zip(g, r):
            pass
        out.append((next(g, None), next(r, None)))
    return out[-14:]


print(left_over(200))


def failing(n):
    out = []
    for k in range(n):
        try:
            for i, x in enumerate(10 // (4 - j) for j in range(k % 7)):
                last = i, x
        except ZeroDivisionError:
            out.append((k, last))
        try:
            for a, b in zip((10 // (3 - j) for j in range(k % 5)), count(9)):
                last = a, b
        except ZeroDivisionError:
            out.append((k, last))
    return len(out), out[-2:]


print(failing(150))


def floats(n):
    def halves(n):
        x = 1
        for i in range(n):
            yield x
            x = x / 2 if i % 10 else i
    total = 0
    for i, x in enumerate(halves(n)):
        total += i * x
    for x, y in zip(halves(n), range(n)):
        total += x * y
    return round(total, 6)


print(floats(333))
