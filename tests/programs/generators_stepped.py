"""Generators that natives step, that call themselves, that are kept and resumed from elsewhere: their values, frames,
deaths, errors and tracebacks."""

# expect-stdout:
#   16291
#   [244650, 244650, 244650] [0, 100, 200, 300, 400, 500, 600] 699
#   [(1, 2), 255] 296
#   56775 [151, 152, 149]
#   120 140
#   (15880, 170, ((193,), [('fails', 'yield from fails(n - 1, at)'), ('fails', 'raise ValueError(at)')]))
#   (525, [('first', 'second'), 0, 1, 2, 2, ('first', 'second', 'third'), 0, 1, 2, 2, 4, ('first', 'second', 'third', 'returned')])
#   (31, [2475, 2565, 2658.5])
#   (186648, 793)
#   (350, [147, 'caught', -147, 148, -148, 149, -149])
#   19900 200 ['looks', '<module>'] ['looks', 'looks_deep', 'looks_deep', 'looks_deep', 'looks_deep', '<module>']
#   Counter({'generator already executing': 200})
#   -150
#   3.541774862152234e+21 99
#   303 21536
#   (9000500, ['not enough values to unpack (expected 3, got 2)', 'too many values to unpack (expected 2)'])
#   [1770, 1830, 1890, 1950, 2010, 2070]
#   44850 299 False 300 None
#   79600 ended None []
#   None
#   too deep
#   45150 45150

import collections
import contextlib
import itertools
import sys
import traceback
import weakref


def counts(n, step=1):
    i = 0
    while i < n:
        yield i * step
        i += 1
    return n


def by_natives(n):
    total = 0
    for k in range(n):
        m = k % 7
        total += sum(counts(m)) + len(list(counts(m, 2))) + max(counts(m + 1)) + len(set(counts(m)))
        total += len(dict(zip(counts(m), counts(m)))) + sum(map(int, counts(m, 3))) + len(tuple(counts(m)))
        total += sum(itertools.islice(counts(100), m)) + len(collections.deque(counts(m))) + (3 in counts(m))
        total += len(",".join(str(x) for x in counts(m))) + sum(1 for _ in enumerate(counts(m)))
        a, *b = counts(m + 1)
        total += a + len(b)
    return total


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(low, high):
    if low == high:
        return None
    middle = (low + high) // 2
    return Tree(tree(low, middle), middle, tree(middle + 1, high))


def hanoi(n, a, b, c):
    if n == 0:
        return 0
    first = yield from hanoi(n - 1, a, c, b)
    yield a, c
    second = yield from hanoi(n - 1, b, a, c)
    return first + second + 1


def moves(n):
    count = yield from hanoi(n, 0, 1, 2)
    yield count


def flatten(x):
    if isinstance(x, list):
        for y in x:
            yield from flatten(y)
    else:
        yield x


def permutations(xs):
    if not xs:
        yield ()
    for i in range(len(xs)):
        for rest in permutations(xs[:i] + xs[i + 1 :]):
            yield (xs[i],) + rest


def fails(n, at):
    if n == 0:
        yield at
        if at % 5 == 3:
            raise ValueError(at)
    else:
        try:
            yield from fails(n - 1, at)
        except ValueError:
            if at % 2:
                raise
            yield -at


def failures(n):
    out, lines = [], []
    for k in range(n):
        try:
            out.append(sum(fails(k % 4, k)))
        except ValueError as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines.append((error.args, [(frame.name, frame.line) for frame in frames][1:]))
    return sum(out), len(out), lines[-1]


class Dies:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Dies.log.append(self.name)


def keeps(n):
    thing = Dies(("first", n))
    yield 1
    thing = Dies(("second", n))
    yield 2
    del thing
    yield 3
    thing = Dies(("third", n))
    yield thing.name
    return Dies(("returned", n))


def deaths(n):
    order = []
    for k in range(n):
        Dies.log.clear()
        g = keeps(k)
        for step in range(k % 6):
            next(g, None)
            order.append(len(Dies.log))
        del g
        order.append(tuple(name for name, _ in Dies.log))
    return len(order), order[-12:]


def accumulate():
    total = 0
    while True:
        value = yield total
        if value is None:
            return total
        total += value


def delegating():
    while True:
        result = yield from accumulate()
        yield ("sum", result)


def sends(n):
    out = []
    g = delegating()
    next(g)
    for k in range(n):
        answer = g.send(k) if k % 10 else g.send(None)
        if isinstance(answer, tuple):
            out.append(answer[1])
            next(g)
    g.send(1.5)
    out.append(g.send("x" if n < 0 else 2))
    g.close()
    return len(out), out[-3:]


def round_robin(n):
    queue = collections.deque(counts(k % 9, k) for k in range(n))
    out = 0
    ended = []
    while queue:
        g = queue.popleft()
        try:
            out += next(g)
            queue.append(g)
        except StopIteration as stop:
            ended.append(stop.value)
    return out, sum(ended)


@contextlib.contextmanager
def managed(log, k):
    log.append(k)
    try:
        yield k + 1
    except KeyError:
        log.append("caught")
    finally:
        log.append(-k)


def managers(n):
    log = []
    for k in range(n):
        with managed(log, k) as value:
            if k % 3 == 0:
                raise KeyError(value)
    return len(log), log[-7:]


def looks(n, log):
    for k in range(n):
        if k % 50 == 49:
            names = []
            frame = sys._getframe()
            while frame is not None:
                names.append(frame.f_code.co_name)
                frame = frame.f_back
            log.append(names)
        yield k


def looks_deep(depth, n, log):
    if depth == 0:
        yield from looks(n, log)
    else:
        yield from looks_deep(depth - 1, n, log)


def itself(box):
    for k in range(200):
        try:
            next(box[0])
        except ValueError as error:
            yield str(error)


def handling(n):
    for k in range(n):
        try:
            if k % 2:
                raise KeyError(k)
            yield k
        except KeyError as error:
            yield -error.args[0]


def numbers(xs):
    total = 0
    for x in xs:
        total = total + x
        yield total


def primes(limit):
    candidate = 2
    while candidate < limit:
        divisor = 2
        while divisor * divisor <= candidate:
            if candidate % divisor == 0:
                break
            divisor += 1
        else:
            yield candidate
        candidate += 1


def pairs(k):
    yield k
    yield k + 1


def unpacks(n):
    total, errors = 0, []
    for k in range(n):
        a, b = pairs(k)
        total += a * b + len((lambda *args: args)(*pairs(k)))
        if k % 100 == 99:
            try:
                a, b, c = pairs(k)
            except ValueError as error:
                errors.append(str(error))
            try:
                a, b = counts(5)
            except ValueError as error:
                errors.append(str(error))
    return total, errors[-2:]


def globals_of(text):
    scope = {}
    exec(text, scope)
    return scope["g"]


print(by_natives(300))
big = tree(0, 700)
print([sum(big) for _ in range(3)], list(big)[::100], max(big))
print(list(moves(8))[-2:], sum(a for a, *_ in map(list, itertools.islice(moves(9), 300))))
nested = [[i, [i + 1, [i + 2, [i + 3]], []], [[i]]] for i in range(150)]
print(sum(flatten(nested)), list(flatten(nested))[-3:])
print(len(list(permutations((1, 2, 3, 4, 5)))), sum(p[0] * p[-1] for p in permutations((1, 2, 3, 4))))
print(failures(200))
print(deaths(150))
print(sends(300))
print(round_robin(200))
print(managers(150))
log = []
print(sum(looks(200, log)), len(list(looks_deep(3, 200, log))), log[0], log[-1])
box = []
box.append(itself(box))
print(collections.Counter(box[0]))
print(sum(handling(300)))
print(list(numbers([1] * 120 + [0.5] * 120 + [1 << 70] * 3))[-1], list(numbers(["a", "b"] if False else [True] * 99))[-1])
print(len(list(primes(2000))), sum(primes(500)))
print(unpacks(300))
print([sum(globals_of(f"k = {n}\ndef g(n):\n    for i in range(n): yield i + k")(60)) for n in range(6)])
g = counts(500)
watch = weakref.ref(g)
print(sum(itertools.islice(g, 300)), g.gi_frame.f_locals["i"], g.gi_running, next(g), g.gi_yieldfrom)
rest = sum(g)
print(rest, next(g, "ended"), g.gi_frame, list(g))
del g
print(watch())


def deep(n):
    if n:
        yield from deep(n - 1)
    yield n


try:
    print(len(list(deep(5000))))
except RecursionError:
    print("too deep")
print(sum(deep(300)), sum(deep(300)))
