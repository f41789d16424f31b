"""Heaps of tuples that numbers or text in front tell apart, whatever comes behind; and some that they do not tell apart."""

# expect-stdout:
#   2000 1999000 True
#   [('a', 0), ('a', 5), ('b', 1)] 600
#   '<' not supported between instances of 'function' and 'function'
#   300 [3, 4]
#   ('é', 'z') ('z', 'é')
# expect-event: ..."kind":"loop"...
# options:

import heapq


def act(number):
    return number


def events(count):
    queue, order = [], []
    for i in range(count):
        heapq.heappush(queue, (i * 7919 % count / 4, i, act, (i,)))
    while queue:
        when, serial, action, arguments = heapq.heappop(queue)
        order.append(when)
        action(*arguments)
    return len(order), sum(int(when * 4) for when in order), order == sorted(order)


def named(count):
    queue = []
    for i in range(count):
        heapq.heappush(queue, ("abcde"[i % 5], i, act))
    first = [heapq.heappop(queue)[:2] for _ in range(2)]
    while queue[0][0] == "a":
        heapq.heappop(queue)
    return [*first, heapq.heappop(queue)[:2]], count


def ties(count):
    queue = []
    try:
        for i in range(count):
            heapq.heappush(queue, (1, 2, act if i else events))
    except TypeError as error:
        return str(error)


class Ordered:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number < other.number


def by_objects(count):
    queue = []
    for i in range(count):
        heapq.heappush(queue, (i % 3, 1, Ordered(count - i)))
    numbers = [heapq.heappop(queue)[2].number for _ in range(count)]
    return len(numbers), [numbers[0], numbers[1] - 2]


def letters(count):
    low, high = ("z", "é"), ("é", "z")
    for _ in range(count):
        queue = [("é", "z", act)]
        heapq.heappush(queue, ("z", "é", act))
        low, high = queue[0][:2], queue[1][:2]
    return high, low


print(*events(2000))
print(*named(600))
print(ties(400))
print(*by_objects(300))
print(*letters(400))
