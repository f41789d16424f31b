"""Thread pools and queues around hot loops."""

# expect-stdout:
#   [1999, 4003, 5998, 8003]
#   IndexError
#   319600
#   [('ValueError', (2500,))]

import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def job(n):
    total = 0
    for i in range(n):
        total += i * i % 11
    return total


with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(job, [500, 1000, 1500, 2000])))
    future = pool.submit(lambda: [1, 2, 3][5])
    try:
        future.result()
    except IndexError as error:
        print(type(error).__name__)

channel = queue.Queue(5)


def produce(count):
    for i in range(count):
        channel.put(i)
    channel.put(None)


thread = threading.Thread(target=produce, args=(800,))
thread.start()
total = 0
while True:
    item = channel.get()
    if item is None:
        break
    total += item
thread.join()
print(total)


def failing():
    for i in range(3000):
        if i == 2500:
            raise ValueError(i)


caught = []
threading.excepthook = lambda details: caught.append((details.exc_type.__name__, details.exc_value.args))
thread = threading.Thread(target=failing)
thread.start()
thread.join()
print(caught)
