"""Asynchronous generators that wait, end, raise, are closed, and are asked by hand, in hot loops."""

# expect-stdout:
#   ((1122749501, 1000, 1500, 44850), 105)
#   ((200, ['else', 'else', 'else', 'else', 'else', 'else', 'else', 'else', 'else']), 0)
#   ((1122749501, 1000, 1500, 44850), 105)
#   ((200, ['else', 'else', 'else', 'else', 'else', 'else', 'else', 'else', 'else']), 0)
#   ((1122749501, 1000, 1500, 44850), 105)
#   ((200, ['else', 'else', 'else', 'else', 'else', 'else', 'else', 'else', 'else']), 0)
#   ((1122749501, 1000, 1500, 44850), 105)
#   ((200, ['else', 'else', 'else', 'else', 'else', 'else', 'else', 'else', 'else']), 0)
#   ((1004, [('caught', ('k',)), None, ('stopped', ())], ['begins', 'ends']), 0)
#   ([0, 'cannot reuse already awaited __anext__()/asend()', True, 'anext(): asynchronous generator is already running', 49, False, 64, 'none'], 0)
#   ((300, ('async generator raised StopAsyncIteration', 'StopAsyncIteration')), 0)
#   (True, 0)
#   (400, 0)
#   800 ['first', 'last', 'first', 'last']
#   (400, 0)
#   800
# expect-event: {"event":"trace-compiled"..."kind":"function"..."function":"Tree.__aiter__"...
# expect-event: {"event":"trace-compiled"..."kind":"function"..."function":"squares"...

import sys
import types


@types.coroutine
def pause(value=None):
    return (yield value)


def drive(coroutine):
    count = 0
    try:
        while True:
            coroutine.send(None)
            count += 1
    except StopIteration as stop:
        return stop.value, count


async def squares(n):
    for i in range(n):
        if i % 50 == 7:
            await pause()
        yield i * i


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    async def __aiter__(self):
        if self.left:
            async for value in self.left:
                yield value
        yield self.value
        if self.right:
            async for value in self.right:
                yield value


def tree(values):
    if not values:
        return None
    middle = len(values) // 2
    return Tree(tree(values[:middle]), values[middle], tree(values[middle + 1:]))


class Count:
    def __init__(self, n):
        self.n, self.at = n, 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.at % 100 == 31:
            await pause()
        self.at += 1
        if self.at > self.n:
            raise StopAsyncIteration
        return self.at


async def loops(n):
    t = 0
    async for x in squares(n):
        t += x
    async for x in Count(n):
        t -= x
    else:
        t += 1
    u = [x async for x in squares(n) if x % 3]
    v = {x: y async for x, y in pairs(n)}
    w = sum([x async for x in tree(list(range(300)))])
    return t, len(u), len(v), w


async def pairs(n):
    async for x in squares(n):
        yield x, str(x)


async def raises(n):
    for i in range(n):
        if i == 5:
            raise LookupError(i)
        yield i


async def catches(n):
    seen = []
    for i in range(n):
        try:
            async for x in raises(i % 8):
                if x == 3:
                    break
            else:
                seen.append("else")
        except LookupError as error:
            seen.append(error.args[0])
    return len(seen), seen[:9]


async def stops():
    yield 1
    raise StopAsyncIteration("inside")


async def echo():
    log.append("begins")
    got = None
    try:
        while True:
            try:
                got = yield got
            except KeyError as error:
                got = ("caught", error.args)
    finally:
        log.append("ends")


log = []


async def by_hand():
    generator = echo()
    results = [await generator.asend(None)]
    for i in range(1000):
        results.append(await generator.asend(i))
    results.append(await generator.athrow(KeyError("k")))
    results.append(await generator.__anext__())
    await generator.aclose()
    try:
        await generator.__anext__()
    except StopAsyncIteration as error:
        results.append(("stopped", error.args))
    return len(results), results[-3:], log


async def nested():
    first = squares(10)
    asked = first.__anext__()
    out = []
    out.append(await asked)
    try:
        await asked
    except RuntimeError as error:
        out.append(str(error))
    waiting = squares(20)
    for _ in range(7):
        await waiting.__anext__()
    one = waiting.__anext__()
    one.send(None)
    out.append(waiting.ag_running)
    try:
        await waiting.__anext__()
    except RuntimeError as error:
        out.append(str(error))
    try:
        one.send(None)
    except StopIteration as stop:
        out.append(stop.value)
    out.append(waiting.ag_running)
    out.append(await anext(waiting))
    out.append(await anext(squares(0), "none"))
    return out


async def breaks(n):
    for i in range(n):
        async for x in closing(i):
            if x == 2:
                break
    return n


async def closing(i):
    try:
        for x in range(5):
            yield x
    finally:
        ended.append(i)


async def converted():
    out = []
    for _ in range(300):
        try:
            async for x in stops():
                pass
        except RuntimeError as error:
            out.append((str(error), type(error.__cause__).__name__))
    return len(out), out[-1]


async def handled(n):
    seen = 0
    for i in range(n):
        try:
            raise ValueError(i)
        except ValueError:
            async for x in squares(3):
                seen += x
            try:
                raise
            except ValueError as error:
                seen += error.args[0]
            except RuntimeError:
                seen += 1
    return seen > 0


ended = []
hooks = []


def main():
    for _ in range(4):
        print(drive(loops(1500)))
        print(drive(catches(400)))
    print(drive(by_hand()))
    print(drive(nested()))
    print(drive(converted()))
    print(drive(handled(300)))
    sys.set_asyncgen_hooks(lambda g: hooks.append("first"), lambda g: hooks.append("last"))
    print(drive(breaks(400)))
    print(len(hooks), hooks[:4])
    sys.set_asyncgen_hooks(None, None)
    print(drive(breaks(400)))
    print(len(hooks))


main()
