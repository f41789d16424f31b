"""Functions and cells that a hot loop makes: generator expressions, lambdas, closures, decorators."""

# expect-stdout:
#   1719460
#   (168, 997)
#   3128.0
#   1383505805528216371400
#   203600
#   331008
#   (89700, [3, 3, 3, 3, 3, 3])
#   1156
#   (39800, {199}, '<lambda>', (3,))
#   (250500, 'plus')
#   ((9, 5), (0, 0), 307, 597, 11)
#   2599
#   ["('looked_at.<locals>.<lambda>', 'looked_at.<locals>.<genexpr>', True)", 'True']

import functools


def genexprs(n):
    total = 0
    for k in range(n):
        total += sum(x * k for x in range(7))
        total += sum((x for x in range(k % 5)), 100)
        total += any(k % d == 0 for d in range(2, 9)) * 3
        total += all(k % d for d in range(2, 5))
        total += len(list(x + k for x in (1, 2, 3))) + len(tuple(y for y in range(k % 4)))
    return total


print(genexprs(400))


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


def primes(n):
    return sum(1 for k in range(n) if is_prime(k)), [k for k in range(n) if is_prime(k)][-1]


print(primes(1000))


def floats(n):
    total = 0
    for k in range(n):
        total += sum(x / 2 for x in range(k % 11))
        total += sum(float(x) for x in range(3))
    return total


print(floats(300))


def bigs(n):
    total = 0
    for k in range(n):
        total += sum(2**62 + x for x in range(k % 4))
    return total


print(bigs(200))


def failing(n):
    out = 0
    for k in range(n):
        try:
            out += sum(10 // (x - 3) for x in range(k % 6))
        except ZeroDivisionError as error:
            lines = []
            tb = error.__traceback__
            while tb:
                lines.append(tb.tb_frame.f_code.co_name)
                tb = tb.tb_next
            out += 1000 * len(lines)
        try:
            out += sum(x if x < 3 else str(x) for x in range(k % 6))
        except TypeError as error:
            out += len(str(error))
    return out


print(failing(300))


def closures(n):
    total = 0
    for k in range(n):

        def add(x, y=k, *, z=2):
            nonlocal total
            total += x
            return x + y + z + k

        total += add(1) + add(2, 3) + (lambda a, b: a * b + k)(3, 4)
        if k % 100 == 99:
            total += add(5, z=k)
    return total


print(closures(400))


def counters(n):
    def make():
        count = 0

        def step():
            nonlocal count
            count += 1
            return count

        return step

    total = 0
    kept = []
    for k in range(n):
        step = make()
        step()
        total += step() * k
        if k % 50 == 0:
            kept.append(step)
    return total, [step() for step in kept]


print(counters(300))


def recursive(n):
    total = 0
    for k in range(n):

        def down(i):
            return 0 if i == 0 else i + down(i - 1)

        total += down(k % 6)
    return total


print(recursive(200))


def escaping(n):
    functions = []
    for k in range(n):
        functions.append(lambda x, k=k: x * k)
    captured = []
    for k in range(n):
        captured.append(lambda: k)
    return sum(f(2) for f in functions), {f() for f in captured}, functions[3].__name__, functions[3].__defaults__


print(escaping(200))


def twice(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args) * 2

    return inner


@twice
def plus(a, b):
    return a + b


def decorated(n):
    total = 0
    for k in range(n):
        total += plus(k, 1)
    return total, plus.__name__


print(decorated(500))


def sorts(n):
    rows = [(i * 7 % 13, i) for i in range(20)]
    out = []
    for k in range(n):
        out = sorted(rows, key=lambda row: (row[0] + k) % 13)
        best = max(rows, key=lambda row: row[1] * -1 + k)
        total = functools.reduce(lambda a, b: a + b[0], rows, k)
        mapped = list(map(lambda row: row[0] * k, rows))
        kept = list(filter(lambda row: row[0] > k % 13, rows))
    return out[0], best, total, mapped[-1], len(kept)


print(sorts(200))


def nested_cells(n):
    total = 0
    for k in range(n):
        total += sum(sum(x * y for y in range(k % 4)) for x in range(5))
        pairs = [[x * y for y in range(3)] for x in range(k % 3)]
        total += len(pairs)
        grid = {x: (lambda: x)() for x in range(3)}
        total += grid[2]
    return total


print(nested_cells(200))


def looked_at(n):
    seen = set()
    for k in range(n):
        f = lambda: k
        g = (x for x in range(3))
        seen.add((f.__qualname__, g.__qualname__, f.__code__.co_firstlineno == g.gi_code.co_firstlineno - 1))
        seen.add(f.__closure__[0].cell_contents == k)
    return sorted(map(str, seen))


print(looked_at(150))
