"""Loops over generators: followed into their frames, left in the middle of them, ended, closed, looked at."""

# expect-stdout:
#   999000 1000 498999
#   (401, 376, 1.4192891713311682e+36)
#   (170000, 'division by zero', [('failing', 3), ('divide', 2)]) 42600
#   (17400, ['closed', 'whole', 'after']) (18300, ['closed', 'after'])
#   6502
#   (123495, [51, 151, 251, 351, 451], [], None)
#   [(7, 7, False, True), (107, 107, False, True), (207, 207, False, True), (307, 307, False, True)] None
#   (300, 301, 301, 134249)
#   [('lookers', 'look', 4), ('lookers', 'look', 4), ('lookers', 'look', 4)]
#   (305, [55, 56, 57, 58, -1, 59, 60, 61, 62, 63], [298, -1, 299])
#   [196, 197, 'end']
#   (44850, True)
#   (-3332, True, 40000)
#   4400
#   (44850, 'generator raised StopIteration', 'StopIteration')
#   [1225, 3725, 6225, 8725, 11225, 13725, 16225, 18725]
#   8865350
#   734057

import sys
import weakref


def count(n):
    for i in range(n):
        yield i


def doubled(source):
    for x in source:
        yield x * 2


def odd(source):
    for x in source:
        if x % 2:
            yield x


def sums(n):
    total = 0
    for x in doubled(count(n)):
        total += x
    n_odd = 0
    for x in odd(odd(count(2 * n))):
        n_odd += 1
    rest = 0
    for x in odd(y * 3 for y in count(n) if y % 3):
        rest += x
    return total, n_odd, rest


print(*sums(1000))


# Exits in the middle of a body: a type that changes, an overflow, an exception.
def powers(n):
    x = 1
    for i in range(n):
        yield x
        x = x * 3 if i % 50 else x * 3.5 if i % 100 else 2


def mixed(n):
    ints = floats = 0
    last = None
    for x in powers(n):
        if type(x) is int:
            ints += 1
        else:
            floats += 1
        last = x
    return ints, floats, last


print(mixed(777))


def divide(values):
    for v in values:
        yield 1000 // v


def failing(values):
    total = 0
    try:
        for x in divide(values):
            total += x
    except ZeroDivisionError as error:
        tb = error.__traceback__
        lines = []
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        return total, str(error), lines
    return total


print(failing([1, 2, 5] * 100 + [0] + [1] * 10), failing([7] * 300))


# Handlers and finally in the generator.
def careful(values, log):
    try:
        for v in values:
            try:
                yield 100 // v
            except ZeroDivisionError:
                yield -1
    finally:
        log.append("closed")


def use(values, stop):
    log = []
    total = 0
    for x in careful(values, log):
        if x == stop:
            break
        total += x
    else:
        log.append("whole")
    log.append("after")
    return total, log


print(use([1, 2, 0, 4] * 100, None), use([1, 2, 3] * 100 + [50], 2))


# Ends, by return and by break, again and again.
def pairs(n):
    for m in range(1, n):
        for k in range(m):
            if (m + k) % 3 == 0:
                yield m, k


def nested(n):
    total = 0
    for r in range(n):
        for m, k in pairs(r % 7):
            total += m * k
        for x in count(r):
            if x > 5:
                break
            total += x
    return total


print(nested(300))


# A generator that somebody else holds as well.
def shared(n):
    g = count(n)
    total = 0
    seen = []
    for x in g:
        total += x
        if x % 100 == 50:
            seen.append(next(g))
    return total, seen, list(g), g.gi_frame


print(shared(500))
held = count(400)
at = []
for x in held:
    if x % 100 == 7:
        at.append((x, held.gi_frame.f_locals["i"], held.gi_running, held.gi_suspended))
print(at, held.gi_frame)


def partly(n):
    g = count(n)
    for x in g:
        if x == n // 2:
            break
    return x, next(g), g.gi_frame.f_locals["i"], sum(g)


print(partly(600))


# Who looks at frames sees the truth.
def lookers(n):
    for i in range(n):
        if i % 150 == 149:
            frame = sys._getframe()
            yield frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno
        else:
            yield None


def look(n):
    found = []
    for x in lookers(n):
        if x:
            found.append(x)
    return found


print(look(450))


# Objects die when they die in the interpreter.
class Noisy:
    def __init__(self, n, log):
        self.n = n
        self.log = log

    def __del__(self):
        self.log.append(self.n)


def makers(n, log):
    for i in range(n):
        x = Noisy(i, log)
        yield i
        del x


def dying(n):
    log = []
    for i in makers(n, log):
        if i % 60 == 59:
            log.append(-1)
    return len(log), log[55:65], log[-3:]


print(dying(300))


def cut_off(n):
    log = []
    for i in makers(n, log):
        if i == n - 3:
            break
    log.append("end")
    return log[-3:]


print(cut_off(200))


def weak(n):
    g = count(n)
    ref = weakref.ref(g)
    total = 0
    for x in g:
        if x == n - 10:
            total += next(ref())
        total += x
    del g
    return total, ref() is None


print(weak(300))


# Closures, defaults, keywords, methods.
def scaled(factor, *, offset=1):
    def gen(n, step=2):
        for i in range(0, n, step):
            yield i * factor + offset

    return gen


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            for x in self.right:
                yield x

    def leaves(self):
        for node in (self.left, self.right):
            if node is not None:
                yield node.value


def build(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return Tree(build(low, middle), middle, build(middle + 1, high))


def others(n):
    total = 0
    for x in scaled(3, offset=2)(n):
        total += x
    for x in scaled(5)(n, step=3):
        total -= x
    tree = build(0, n)
    order = []
    for x in tree:
        order.append(x)
    kept = 0
    for _ in range(n):
        for x in tree.leaves():
            kept += x
    return total, order == list(range(n)), kept


print(others(200))


# What a generator returns, and yield from.
def inner(n):
    for i in range(n):
        yield i
    return n * 10


def outer(n):
    result = 0
    for k in range(n):
        result += yield from inner(k % 5)
    yield ("result", result)


def delegate(n):
    total = 0
    for x in outer(n):
        if isinstance(x, tuple):
            total += x[1]
        else:
            total += x
    return total


print(delegate(200))


# StopIteration that escapes from a body.
def wrong(n):
    it = iter(range(n))
    while True:
        yield next(it)


def stops(n):
    total = 0
    try:
        for x in wrong(n):
            total += x
    except RuntimeError as error:
        return total, str(error), type(error.__cause__).__name__


print(stops(300))


# A generator of a class, resumed by two loops in turn.
def turns(n):
    g = count(n)
    total = []
    while True:
        got = 0
        for x in g:
            got += x
            if x % 50 == 49:
                break
        else:
            break
        total.append(got)
    return total


print(turns(400))


def zipped(n):
    total = 0
    for i, (a, b) in enumerate(zip(count(n), doubled(count(n)))):
        total += i * a - b
    return total


print(zipped(300))


def big(n):
    x = 1
    for i in range(n):
        x = x * 3 + i
        yield x


def bigs(n):
    for x in big(n):
        last = x
    return last % 1000003


print(bigs(300))
