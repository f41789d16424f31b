"""Generators that delegate to others, get values sent, are stepped by next(), and run inside builtins."""

# expect-stdout:
#   (5320, [(0, None, None, None), (1, None, None, None), (2, None, None, None), (3, None, None, None), (4, None, None, None), (5, None, None, None)])
#   124750
#   (213.715, (64114.5, 300))
#   (99.5, ('done', (19900, 200)))
#   (35954750, 300)
#   (250, 249)
#   ['caught 89', 'caught 179', 'caught 269']
#   (180, ['end', 'end', 'end'], 120)
#   2715695
#   269257
#   (419900, 1000)
#   5000
#   [('asked', 2)]

import itertools
import sys


def base(n):
    for i in range(n):
        yield i
    return n


def chain(n):
    a = yield from base(n)
    b = yield from range(n)
    c = yield from [1, 2, 3]
    d = yield from (x * x for x in base(4))
    return (a, b, c, d)


def chained(n):
    total = 0
    results = set()

    def run(k):
        r = yield from chain(k)
        results.add(r)

    for k in range(n):
        for x in run(k % 6):
            total += x
    return total, sorted(results)


print(chained(200))


def deep(n, depth):
    if depth == 0:
        yield from range(n)
    else:
        yield from deep(n, depth - 1)


def deeply(n):
    total = 0
    for x in deep(n, 5):
        total += x
    return total


print(deeply(500))


def averager():
    total = count = 0
    average = None
    while True:
        x = yield average
        if x is None:
            return total, count
        total += x
        count += 1
        average = total / count


def sending(n):
    g = averager()
    next(g)
    got = []
    for i in range(n):
        got.append(g.send(i * 1.5 if i % 7 else i))
    try:
        g.send(None)
    except StopIteration as stop:
        return got[-1], stop.value


print(sending(300))


def through(n):
    def outer():
        result = yield from averager()
        yield ("done", result)

    g = outer()
    next(g)
    for i in range(n):
        last = g.send(i)
    return last, g.send(None)


print(through(200))


def two_at_once(n):
    g = base(2 * n)
    total = 0
    for x in g:
        y = next(g)
        total += x * y
    h = base(n)
    try:
        while True:
            total += next(h)
    except StopIteration as stop:
        return total, stop.value


print(two_at_once(300))


def defaults(n):
    g = base(n)
    out = []
    while (x := next(g, None)) is not None:
        out.append(x)
    return len(out), out[-1]


print(defaults(250))


def throwing(n):
    def body():
        for i in range(n):
            try:
                yield i
            except KeyError as error:
                yield "caught " + str(error)

    g = body()
    out = []
    for x in g:
        if isinstance(x, int) and x % 90 == 89:
            out.append(g.throw(KeyError(x)))
    return out


print(throwing(300))


def closing(n):
    log = []

    def body():
        try:
            for i in range(n):
                yield i
        finally:
            log.append("end")

    for k in range(60):
        g = body()
        for x in g:
            if x == k:
                break
        g.close()
        log.append(x)
    for k in range(60):
        for x in body():
            if x == k:
                break
    return len(log), log[-3:], sum(1 for x in log if x == "end")


print(closing(100))


def builtins_of(n):
    total = 0
    for k in range(n):
        total += sum(x * x for x in range(k % 9))
        total += any(x > 5 for x in range(k % 9)) + all(x < 5 for x in base(k % 9))
        total += len(list(x for x in base(k % 4))) + max((x for x in base(3)), default=0)
        total += len(",".join(str(x) for x in range(k % 3)))
        a, b = (x + k for x in (1, 2))
        total += a * b
        total += sum(1 for _ in zip(base(3), (y for y in range(k % 5))))
    return total


print(builtins_of(200))


def tools(n):
    total = 0
    for a, b in zip(itertools.count(3), itertools.islice(itertools.cycle("abc"), n)):
        total += a if b == "b" else 1
    for x in itertools.takewhile(lambda x: x < n, map(lambda x: x * 3, filter(None, base(n)))):
        total += x
    for k, group in itertools.groupby(base(n), key=lambda x: x // 10):
        total += k * sum(group)
    for pair in itertools.chain(base(5), enumerate(base(5))):
        total += pair if isinstance(pair, int) else pair[0] * pair[1]
    return total


print(tools(200))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Restarting:
    """Goes on after its end: nobody may ask it once too often."""

    def __init__(self):
        self.asked = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.asked += 1
        if self.asked % 5 == 0:
            raise StopIteration
        return self.asked


def classes(n):
    total = 0
    for x in Countdown(n):
        total += x
    again = Restarting()
    for k in range(n):
        for x in again:
            total += x
    return total, again.asked


print(classes(200))


class Broken:
    def __iter__(self):
        return self

    def __next__(self):
        raise ValueError("broken")


def caught(n):
    out = 0
    for k in range(n):
        try:
            for x in Broken() if k % 3 == 0 else base(3):
                out += x
        except ValueError as error:
            out += len(str(error)) + error.__traceback__.tb_lineno - caught.__code__.co_firstlineno
        try:
            for x in k:
                out += x
        except TypeError as error:
            out += len(str(error))
    return out


print(caught(150))


def who():
    while True:
        yield sys._getframe(1).f_code.co_name, sys._getframe().f_lineno - who.__code__.co_firstlineno


def asked(n):
    names = set()
    g = who()
    for i, (name, line) in enumerate(g):
        names.add((name, line))
        if i > n:
            break
    names.add(next(g))
    return sorted(names)


print(asked(200))
