"""append, pop, extend, insert, sort, len, sum, in, comparison and repetition of lists in hot loops."""

# expect-stdout:
#   (1674474, 80, 234987)
#   (1500, 'pop from empty list')
#   (1016239, [36, 2, 3, 4, 5, 6, 7, 8, 9, 898])
#   (0, 1500)
#   1536300
#   92276


def stack(count):
    items = []
    high = 0
    for i in range(count):
        items.append(i)
        if i % 3 == 0:
            high += items.pop()
        if i % 50 == 49:
            high += items.pop(0) + items.pop(-1)
        if len(items) > 100:
            del items[:50]
    return high, len(items), sum(items)


print(stack(3000))


def pop_empty(count):
    items = [1] * count
    n = 0
    try:
        while True:
            n += items.pop()
    except IndexError as error:
        return n, str(error)


print(pop_empty(1500))


def queue(count):
    from collections import deque

    waiting = deque(range(10))
    total = 0
    for i in range(count):
        x = waiting.popleft()
        total += x * (i % 3)
        waiting.append((x * 7 + i) % 1013)
        waiting.rotate(i % 3)
    return total, list(waiting)


print(queue(2000))


def method_rebound(count):
    items = []
    add = items.append
    for i in range(count):
        add(i)
        if i == count // 2:
            items = []
    return len(items), len(add.__self__)


print(method_rebound(1500))


def compare(count):
    hits = 0
    for i in range(count):
        a = [i % 3, i % 2]
        hits += a == [1, 1]
        hits += (a < [1]) * 10
        hits += ((2, 0) == tuple(a)) * 100
        hits += (a + [1] * 2 != a * 2) * 1000
    return hits


print(compare(1800))


def builtins(count):
    items = [5, 3, 9, 1]
    total = 0
    for i in range(count):
        items[i % 4] = (i * 31) % 17
        total += len(items) + sum(items) + min(items) + max(items) + sorted(items)[1] + any(items) + all(items)
        total += items.count(3) + (items.index(max(items)))
    return total


print(builtins(1500))
