"""Threads started in the middle of hot loops, that run hot loops themselves and share objects."""

# expect-stdout:
#   (5995, [6086, 6086, 6086, 6086, 6086])
#   ([4000], 4000, 1998000)
#   True
#   4498500
#   True True
#   [143, 143, 143, 143]
#   2000

import threading


def work(n, results, slot):
    total = 0
    for i in range(n):
        total += i % 7
        if i % 3 == 0:
            total ^= 5
    results[slot] = total


def started(count):
    results = [None] * 6
    threads = []
    total = 0
    for i in range(count):
        total += i % 7
        if i % 400 == 399:
            thread = threading.Thread(target=work, args=(2000, results, len(threads)))
            threads.append(thread)
            thread.start()
    for thread in threads:
        thread.join()
    return total, results[: len(threads)]


print(started(2000))


def shared(count):
    lock = threading.Lock()
    counter = [0]
    items = []

    def add():
        for i in range(count):
            with lock:
                counter[0] += 1
            items.append(i)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counter, len(items), sum(items)


print(shared(1000))


def flag(count):
    stop = threading.Event()
    box = {"run": True}

    def spin():
        n = 0
        while box["run"]:
            n += 1
        stop.set()

    thread = threading.Thread(target=spin)
    thread.start()
    total = 0
    for i in range(count):
        total += i
    box["run"] = False
    print(stop.wait(30))
    thread.join()
    return total


print(flag(3000))
ready = False


def set_ready():
    global ready
    ready = True


timer = threading.Timer(0.1, set_ready)
timer.start()
spins = 0
while not ready:
    spins += 1
timer.join()
print(ready, spins > 0)


def same_function():
    """The same hot function in several threads at once."""
    results = [0] * 4

    def collatz(limit):
        best = 0
        for start in range(1, limit):
            n = start
            steps = 0
            while n != 1:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                steps += 1
            best = max(best, steps)
        return best

    def run(slot):
        results[slot] = collatz(600)

    threads = [threading.Thread(target=run, args=(slot,)) for slot in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


print(same_function())
local = threading.local()
local.n = 0
for i in range(2000):
    local.n += 1
print(local.n)
