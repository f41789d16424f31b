# Loops of every kind. `programs` names the functions that the tests call; each returns something to compare.
import contextlib

def flat(n=5):
    total = 0
    for i in range(n):
        total += i
    else:
        total += 100
    return total

def one_line(n=4):
    out = []
    for i in range(n): out.append(i)
    while n: n -= 1
    return out, n

def header_first(n=3):
    while n:
        n -= 1
    return n

def while_true(n=3):
    while True:
        n -= 1
        if n < 0:
            break
    return n

def nested(n=3):
    out = []
    for i in range(n):
        for j in range(n):
            k = j
            while k:
                k -= 1
                if (i + j + k) % 3 == 0:
                    continue
                if k == 7:
                    break
                out.append((i, j, k))
            else:
                out.append("else")
    return out

def handlers(n=6):
    out = []
    for i in range(n):
        try:
            if i % 2:
                raise ValueError(i)
            out.append(10 // (i - 2))
        except ZeroDivisionError:
            out.append("zero")
            continue
        except ValueError as error:
            out.append(error.args)
        else:
            out.append("fine")
        finally:
            out.append(i)
            while i > 3:
                i -= 1
                try:
                    break
                finally:
                    out.append("inner")
    return out

def only_by_handler(n=4):
    out = []
    while True:
        try:
            n -= 1
            if n == 0:
                return out
            raise KeyError(n)
        except KeyError as error:
            out.append(error.args)

def loop_in_handler():
    out = []
    try:
        raise OSError
    except OSError:
        for i in range(3):
            out.append(i)
            if i == 1:
                break
    return out

@contextlib.contextmanager
def manager(out):
    out.append("enter")
    try:
        yield out
    except LookupError:
        out.append("swallowed")
    finally:
        out.append("exit")

def with_in_loop():
    out = []
    for i in range(3):
        with manager(out) as same, manager(out):
            for j in range(2):
                if i == 1:
                    raise IndexError
                same.append((i, j))
    return out

def generator(n=3):
    while n:
        got = yield n
        n -= 1
        if got:
            for i in range(got):
                yield "got", i

def delegating():
    total = yield from generator(2)
    for x in (yield from [1, 2]) or ():
        yield x
    return total

def generators():
    out = list(generator()) + list(delegating())
    running = generator()
    out.append(next(running))
    out.append(running.send(2))
    out += list(running)
    closed = generator()
    next(closed)
    closed.close()
    thrown = generator()
    next(thrown)
    try:
        thrown.throw(ValueError, ValueError("in"))
    except ValueError as error:
        out.append(error.args)
    return out

def comprehensions():
    table = {i: [j * i for j in range(3) if j != 1] for i in range(3)}
    return table, {x for x in "abcabc"}, list(x + y for x in range(2) for y in range(2)), sum(x for x in range(4))

def matching():
    out = []
    for value in [1, "a", (1, 2), {"k": 3}, [4, 5, 6], None, 2.5]:
        match value:
            case int() | float():
                out.append("number")
            case str(text):
                out.append(text)
            case (a, b) if a < b:
                out.append(a + b)
            case {"k": k}:
                while k:
                    k -= 1
                out.append("mapping")
            case [first, *rest]:
                out.extend(rest)
            case _:
                out.append("other")
    return out

class Countdown:
    attributes = []
    for letter in "ab":
        attributes.append(letter)

    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await Ready()
        return self.n

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        return False

class Ready:
    def __await__(self):
        # Not a constant: the VM forgets that a line begins at a LOAD_CONST once it has specialised itself.
        yield self
        return 1

async def agen(n):
    for i in range(n):
        await Ready()
        yield i

async def coroutine():
    out = []
    async for i in Countdown(3):
        if i == 1:
            continue
        out.append(i)
    else:
        out.append("else")
    async for i in agen(2):
        out.append(i)
    async with Countdown(1) as c:
        while c.n:
            c.n -= await Ready()
    out += [i async for i in agen(3) if i]
    return out

def run_async():
    ticks = 0
    running = coroutine()
    try:
        while True:
            running.send(None)
            ticks += 1
    except StopIteration as stop:
        return stop.value, ticks

def closures():
    def outer(n):
        step = 2
        def inner(m):
            nonlocal step
            while m > 0:
                m -= step
            step += 1
            return m, n
        return [inner(n) for _ in range(3)]
    return outer(5), [f(3) for f in [lambda x: [y for y in range(x)]]]

def arguments(a, /, b, *args, c=1, **kw):
    for x in args:
        b += x
    return a, b, c, kw

def called():
    return arguments(1, 2, 3, 4, c=5, d=6), Countdown.attributes

def unpacking():
    out = []
    for i, (a, *b) in enumerate([(1, 2, 3), "xy"]):
        out += [i, a, b]
    for out[0] in range(3):
        pass
    return out

def conditions(n=6):
    out = []
    while n and not (n == 3 and out) or n == 10:
        n -= 1
        out.append(n if n % 2 else -n)
        if n == 4 or n == 2: continue
        assert n < 100, "no"
    return out

def recursion(n=3):
    return [recursion(i) for i in range(n)]

def raises_in_loop():
    for i in (3, 2, 1, 0):
        i = 6 / i
    return i

programs = [
    flat, one_line, header_first, while_true, nested, handlers, only_by_handler, loop_in_handler, with_in_loop, generators,
    comprehensions, matching, run_async, closures, called, unpacking, conditions, recursion,
]
