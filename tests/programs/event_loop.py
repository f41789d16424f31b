"""asyncio: tasks, queues, locks, timeouts, cancellation and groups, with hot coroutines in them."""

# expect-stdout:
#   [0, 1000, 2000]
#   {'sum': 3913650, 'count': 2700} 0
#   cancelled True 1 1
#   [0, ValueError(1), 2, ValueError(3), 4, ValueError(5), 6, ValueError(7), 8, ValueError(9), 10, ValueError(11)]
#   (ValueError(3),)
#   timeout 2
#   True

import asyncio
import contextvars

request = contextvars.ContextVar("request", default=0)


class Channel:
    def __init__(self, size):
        self.queue = asyncio.Queue(size)

    def __aiter__(self):
        return self

    async def __anext__(self):
        value = await self.queue.get()
        if value is None:
            raise StopAsyncIteration
        return value


async def produce(channel, n, first):
    request.set(first)
    for i in range(n):
        await channel.queue.put(first + i)
        if i % 10 == 0:
            await asyncio.sleep(0)
    return request.get()


async def consume(channel, lock, totals):
    async for value in channel:
        async with lock:
            totals["sum"] += value
            totals["count"] += 1


async def never():
    try:
        while True:
            await asyncio.sleep(0)
            counts["never"] += 1
    except asyncio.CancelledError:
        counts["cancelled"] += 1
        raise
    finally:
        counts["finally"] += 1


async def fails(i):
    for _ in range(i):
        await asyncio.sleep(0)
    if i % 2:
        raise ValueError(i)
    return i


counts = {"never": 0, "cancelled": 0, "finally": 0}


async def main():
    channel, lock, totals = Channel(8), asyncio.Lock(), {"sum": 0, "count": 0}
    consumers = [asyncio.create_task(consume(channel, lock, totals)) for _ in range(3)]
    print(await asyncio.gather(*(produce(channel, 900, 1000 * k) for k in range(3))))
    for _ in consumers:
        await channel.queue.put(None)
    await asyncio.gather(*consumers)
    print(totals, request.get())
    task = asyncio.create_task(never())
    for _ in range(500):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled", counts["never"] > 400, counts["cancelled"], counts["finally"])
    print(await asyncio.gather(*(fails(i) for i in range(12)), return_exceptions=True))
    try:
        async with asyncio.TaskGroup() as group:
            for i in range(0, 8, 2):
                group.create_task(fails(i))
            group.create_task(fails(3))
    except* ValueError as errors:
        print(errors.exceptions)
    try:
        async with asyncio.timeout(0.005):
            await never()
    except TimeoutError:
        print("timeout", counts["finally"])
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.001, event.set)
    print(await event.wait())


asyncio.run(main())
