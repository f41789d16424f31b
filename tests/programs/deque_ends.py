"""Deques in compiled code: both ends, growing, limits, items, iteration while they change, elements with finalisers."""

# expect-stdout:
#   (19996, 15)
#   (1381650, [-2999, -2998, -2996, -2995, -2993], 48)
#   (635875, [600, 47, 46, 45, 46], 1080)
#   ({'pop from an empty deque': 1, 'deque index out of range': 199}, 2)
#   {'deque mutated during iteration': 100}
#   (600, [0, -1, -2, 0, -3, 1, -4, 2, -5, 3, -6, 4], [-299, 297, 298, 299])
#   (134550, 600, 299)
# expect-event: ..."kind":"loop"...

from collections import deque


def breadth_first(size):
    seen = {0}
    queue = deque([(0, 0)])
    far = 0
    while queue:
        node, depth = queue.popleft()
        far = max(far, depth)
        for other in (node * 2 + 1, node * 3 + 1, node + 7):
            if other < size and other not in seen:
                seen.add(other)
                queue.append((other, depth + 1))
    return len(seen), far


def both_ends(count):
    ends = deque()
    total = 0
    for n in range(count):
        ends.append(n)
        ends.appendleft(-n)
        if n % 3 == 0:
            total += ends.pop() * 2 + ends.popleft()
        if len(ends) > 50:
            total += ends[0] - ends[-1] + ends[len(ends) // 2]
            ends.clear()
    return total, list(ends)[:5], len(ends)


def limited(count):
    last = deque(maxlen=5)
    free = deque()
    total = 0
    for n in range(count):
        target = free if n % 50 < 45 else last
        target.append(n)
        target.appendleft(n + 1)
        total += len(target) + target[0] + target[-1]
    return total, list(last), len(free)


def failing(count):
    tally = {}
    queue = deque()
    for n in range(count):
        try:
            if n % 3:
                queue.append(n)
            else:
                queue.popleft()
                queue.pop()
                queue[100]
        except IndexError as error:
            tally[str(error)] = tally.get(str(error), 0) + 1
    return tally, len(queue)


def changed(count):
    found = {}
    for n in range(count):
        queue = deque(range(6))
        try:
            for element in queue:
                if element == 3 and n % 2:
                    queue.append(element)
        except RuntimeError as error:
            found[str(error)] = found.get(str(error), 0) + 1
    return found


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


log = []


def finalised(count):
    queue = deque()
    for n in range(count):
        queue.append(Loud(n))
        if len(queue) > 3:
            queue.popleft()
        log.append(-n)
    queue = None
    return len(log), log[:12], log[-4:]


class Mine(deque):
    def append(self, value):
        super().append(value * 2)


def derived(count):
    queue = Mine()
    for n in range(count):
        queue.append(n)
        queue.appendleft(n)
    return sum(queue), len(queue), queue[0]


print(breadth_first(20000))
print(both_ends(3000))
print(limited(600))
print(failing(600))
print(changed(200))
print(finalised(300))
print(derived(300))
