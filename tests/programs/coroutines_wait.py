"""Coroutines that wait, raise, are closed, thrown into, looked at and never awaited, in hot loops and hot functions."""

# expect-stdout:
#   (4501929, 858)
#   (610, 0)
#   ([1455269, 400200, 145531], 146)
#   (4501929, 858)
#   (610, 0)
#   ([1455269, 400200, 145531], 146)
#   (4501929, 858)
#   (610, 0)
#   ([1455269, 400200, 145531], 146)
#   ([('trace_of', 'await deep(3)'), ('deep', 'return await deep(n - 1)'), ('deep', 'return await deep(n - 1)'), ('deep', 'return await deep(n - 1)'), ('deep', 'raise RuntimeError("bottom")')], 0)
#   ((1000, (9, 'ValueError'), (10, None)), 334)
#   (['frame_of<looks'], 0)
#   292309800 724200 [724200]
#   None False False True
#   0 True coroutine sometimes
#   returned 201 None False
#   cannot reuse already awaited coroutine
#   cannot reuse already awaited coroutine
#   cannot reuse already awaited coroutine
#   'tuple' object has no attribute 'send'
#   can't send non-None value to a just-started coroutine
#   RuntimeError cannot reuse already awaited coroutine
#   RuntimeError cannot reuse already awaited coroutine
#   TypeError 'int' object can't be awaited
#   TypeError 'int' object can't be awaited
#   RuntimeError coroutine is being awaited already
#   RuntimeError coroutine is being awaited already
#   RecursionError maximum recursion depth exceeded
#   1000 coroutine 'leaf' was never awaited
# expect-event: {"event":"trace-compiled"..."kind":"function"..."function":"sometimes"...

import sys
import traceback
import types
import warnings


class Wait:
    """Yields a value to whoever drives, and gives what it is sent."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        sent = yield self.value
        return sent


@types.coroutine
def pause(value):
    return (yield value)


def drive(coroutine, send=lambda yielded: yielded):
    yielded = []
    value = None
    try:
        while True:
            value = send(coroutine.send(value))
            yielded.append(value)
    except StopIteration as stop:
        return stop.value, len(yielded)


async def leaf(x):
    return x + 1


async def sometimes(x):
    if x % 7 == 0:
        return await Wait(x) + await pause(2)
    return await leaf(x)


async def total(n):
    t = 0
    for i in range(n):
        t += await sometimes(i)
    return t


async def fib(n):
    return n if n < 2 else await fib(n - 1) + await fib(n - 2)


async def raising(i):
    if i % 5 == 3:
        raise KeyError(i)
    if i % 11 == 4:
        await Wait(i)
        raise ValueError(i)
    return i


async def catching(n):
    seen = [0, 0, 0]
    for i in range(n):
        try:
            seen[0] += await raising(i)
        except KeyError as error:
            seen[1] += error.args[0]
        except ValueError as error:
            seen[2] += error.args[0]
        finally:
            seen[0] += 1
    return seen


async def deep(n):
    if n == 0:
        raise RuntimeError("bottom")
    return await deep(n - 1)


async def trace_of(n):
    found = None
    for i in range(n):
        try:
            await deep(3)
        except RuntimeError as error:
            found = [(entry.name, entry.line) for entry in traceback.extract_tb(error.__traceback__)]
    return found


class Guarded:
    log = []

    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        if self.name % 3 == 0:
            await Wait(self.name)
        return self

    async def __aexit__(self, kind, error, tb):
        self.log.append((self.name, kind and kind.__name__))
        return kind is ValueError


async def guarded(n):
    for i in range(n):
        async with Guarded(i) as g:
            if g.name % 10 == 9:
                raise ValueError(i)
    return len(Guarded.log), Guarded.log[9], Guarded.log[10]


async def infinite():
    n = 0
    try:
        while True:
            try:
                n += await pause(n)
            except LookupError:
                n += 1000
    finally:
        closed.append(n)


async def looks(n):
    names = set()
    for i in range(n):
        names.add(await frame_of())
    return sorted(names)


async def frame_of():
    frame = sys._getframe()
    return frame.f_code.co_name + "<" + frame.f_back.f_code.co_name


async def unwinding(depth):
    return await unwinding(depth + 1)


closed = []


def main():
    for _ in range(3):
        print(drive(total(3000)))
        print(drive(fib(15)))
        print(drive(catching(2000), lambda yielded: None))
    print(drive(trace_of(900)))
    print(drive(guarded(1000), lambda yielded: None))
    print(drive(looks(1500)))
    # Sent, thrown into and closed by hand.
    c = infinite()
    got = [c.send(None)]
    for i in range(1200):
        got.append(c.throw(LookupError()) if i % 100 == 50 else c.send(i))
    c.close()
    print(sum(got), got[-1], closed)
    # What is asked of them.
    c = total(20)
    print(c.cr_await, c.cr_running, c.cr_suspended, c.cr_frame.f_lasti >= 0)
    print(c.send(None), c.cr_suspended, type(c.cr_await).__name__, c.cr_await.__name__)
    try:
        c.send(5) and c.send(6)
        while True:
            c.send(1)
    except StopIteration as stop:
        print("returned", stop.value, c.cr_frame, c.cr_suspended)
    for attempt in range(3):
        try:
            c.send(None)
        except RuntimeError as error:
            print(error)
    try:
        drive(total(3)).send(1)
    except AttributeError as error:
        print(error)
    try:
        total(3).send(1)
    except TypeError as error:
        print(error)
    # Awaited twice, and what cannot be awaited.
    async def twice():
        once = leaf(1)
        return await once, await once

    async def number():
        return await 5

    async def late():
        waiting = sometimes(7)
        waiting.send(None)
        return await waiting

    for function in twice, number, late:
        for _ in range(2):
            try:
                print(drive(function()))
            except (RuntimeError, TypeError) as error:
                print(type(error).__name__, error)
    try:
        drive(unwinding(0))
    except RecursionError as error:
        print("RecursionError", str(error)[:32])
    # Never awaited.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(1000):
            leaf(i)
        print(len(caught), caught[0].message)


main()
