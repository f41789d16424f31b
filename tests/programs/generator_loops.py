"""Generators driven by hot loops, and hot loops inside generators."""

# expect-stdout:
#   40988
#   729596274
#   (-233312103260, 644935129, 1000000, 790041750)
#   1131750
#   (1405125, (3000, 1500))
#   (605407, {0: 1495, 1: 1496, 2: 1497, 3: 1498, 4: 1499})
#   78 397
#   {'int': 1200, 'float': 200, 'str': 100}


def squares(n):
    for i in range(n):
        yield i * i


def pairs(n):
    for a in range(n):
        for b in range(a):
            yield a, b


def consume(count):
    total = 0
    for x in squares(count):
        total += x % 7
    for a, b in pairs(60):
        total += a - b
    return total


print(consume(2500))


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, (a + b) % 1000000007


def take(n, source):
    out = 0
    for i, x in enumerate(source):
        if i == n:
            break
        out ^= x
    return out


print(take(2500, fibonacci()))


def interleaved(count):
    a = squares(count)
    b = fibonacci()
    total = 0
    for i in range(count):
        total += next(a) - next(b) if i % 3 else next(b)
    return total, next(b), next(a, "empty"), sum(a)


print(interleaved(1500))


def chain(n, depth):
    if depth == 0:
        yield from range(n)
    else:
        for x in chain(n, depth - 1):
            yield x + 1


print(sum(chain(1500, 5)))


def delegated(count):
    def inner(n):
        got = 0
        for i in range(n):
            got += yield i
        return got

    def outer(n):
        first = yield from inner(n)
        second = yield from inner(n // 2)
        return first, second

    g = outer(count)
    total = next(g)
    try:
        while True:
            total += g.send(2)
    except StopIteration as stop:
        return total, stop.value


print(delegated(1500))


def expressions(count):
    total = sum(i * j for i in range(count // 50) for j in range(50) if (i + j) % 3)
    total += max(x * (1000 - x) for x in range(count))
    total += len({x % 97 for x in range(count)}) + len([c for c in str(2**count) if c > "4"])
    total += any(x == count - 5 for x in range(count)) + all(x < count for x in range(count))
    return total, {x % 5: x for x in range(count)}


print(expressions(1500))


def sieve(limit):
    def filtered(source, p):
        for n in source:
            if n % p:
                yield n

    source = iter(range(2, limit))
    out = []
    while True:
        p = next(source, None)
        if p is None:
            return out
        out.append(p)
        source = filtered(source, p)


print(len(sieve(400)), sieve(400)[-1])


def type_turn(count):
    def source():
        for i in range(count):
            yield i if i < count - 300 else i * 0.5 if i < count - 100 else str(i)

    kinds = {}
    for x in source():
        kinds[type(x).__name__] = kinds.get(type(x).__name__, 0) + 1
    return kinds


print(type_turn(1500))
