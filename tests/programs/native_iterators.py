"""Iterators of the library, real ones in variables, and those that end at once or raise."""

# expect-stdout:
#   973138 7750 (206569, [])
#   (107313, 'deque mutated during iteration') ([-118, -119, -115, -108, -116], 166, 74)
# expect-event: ..."kind":"loop"...

import itertools
from collections import deque


def combine(n):
    t = 0
    for a, b in itertools.product(range(n), "ab"):
        t += a if b == "a" else 1
    for p in itertools.permutations(range(5), 3):
        t += p[0] * p[2]
    for c in itertools.combinations(range(9), 2):
        t += c[1]
    for a, b in itertools.pairwise(range(n)):
        t += b - a
    for k, g in itertools.groupby(range(3 * n), key=lambda v: v // 5):
        t += k * sum(g)
    for x in itertools.chain(range(n), [1, 2], (3,)):
        t += x
    for x in itertools.islice(itertools.count(3, 2), n):
        t += x
    for x in itertools.takewhile(lambda v: v < n, itertools.count()):
        t ^= x
    for i, x in zip(itertools.count(), itertools.cycle("xyz")):
        if i >= n:
            break
        t += ord(x)
    for x in map(lambda v: v * 2, filter(None, range(n))):
        t += x
    for x in reversed("text" * n):
        t += ord(x)
    for x in deque(range(n)):
        t += x
    return t


def nested(n):
    t = 0
    for i in range(n):
        for x in itertools.chain(range(i % 3), (7,) * (i % 2)):
            t += x
        for x in itertools.islice(range(100), i % 4):
            t += x * i
        for x in deque():
            t += 1000
    return t


def shared(n):
    it = zip(range(n), itertools.count())
    alias = it
    t = 0
    for a, b in it:
        t += a * b
        if a % 7 == 0:
            t += next(alias, (5, 5))[0]
    return t, list(alias)


def raising(n):
    def checked(v):
        if v == n - 2:
            raise ValueError(v)
        return v

    t = 0
    try:
        for x in map(checked, range(n)):
            t += x
    except ValueError as e:
        t += e.args[0] * 1000
    d = deque(range(n))
    try:
        for x in d:
            t += x
            if x == n - 5:
                d.append(1)
    except RuntimeError as e:
        return t, str(e)
    try:
        for a, b in zip(range(n), range(n - 1), strict=True):
            t += a - b
    except ValueError as e:
        return t, str(e)


def bound(n):
    xs = []
    add, insert, pop, has = xs.append, xs.insert, xs.pop, xs.count
    for i in range(n):
        add(i)
        insert(i % 3, -i)
        if i % 4 == 3:
            add(pop(0) + has(2))
        if i == n // 2:
            ys = []
            add = ys.append
    return xs[:5], len(xs), len(ys)


print(combine(80), nested(120), shared(90))
print(raising(100), bound(120))
