"""Coroutines, async iteration and asyncio tasks with hot loops in them."""

# expect-stdout:
#   [1500, 1200, 900] ['a', 'b', 'c']
#   1124250
#   360000
#   timeout
#   3000

import asyncio


async def ticks(n):
    for i in range(n):
        if i % 100 == 0:
            await asyncio.sleep(0)
        yield i


class Countdown:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return self.n


async def add(a, b):
    return a + b


async def work(name, n, log):
    total = 0
    async for i in ticks(n):
        total = await add(total, i)
    async for i in Countdown(n):
        total -= i
    for i in range(n):
        total = total + i % 3
    log.append(name)
    return total


async def main():
    log = []
    results = await asyncio.gather(work("a", 1500, log), work("b", 1200, log), work("c", 900, log))
    print(results, sorted(log))
    queue = asyncio.Queue()

    async def producer():
        for i in range(1500):
            await queue.put(i)
        await queue.put(None)

    async def consumer():
        total = 0
        while (item := await queue.get()) is not None:
            total += item
        return total

    _, total = await asyncio.gather(producer(), consumer())
    print(total)
    print(sum([x async for x in ticks(1200) if x % 2]))
    try:
        async with asyncio.timeout(0.05):
            while True:
                await asyncio.sleep(0)
    except TimeoutError:
        print("timeout")


asyncio.run(main())


def by_hand(count):
    async def coroutine(n):
        total = 0
        for i in range(n):
            total += await add(i, 1)
        return total

    done = 0
    for i in range(count):
        try:
            coroutine(i % 4).send(None)
        except StopIteration as stop:
            done += stop.value
    return done


print(by_hand(1200))
