"""Classes that are derived from `int` compare as ints, alone and in tuples, unless they say how; `__class__` of instances is
known with their class, and follows when it is assigned."""

# expect-stdout:
#   (4, 667, 666)
#   [(1, 0.0), (1, 1.5), (1, 3.0)] 2000
#   1000 1000
#   (1500, 500)
#   (True, False) 400
#   ['Fast', 'Slow'] 1500 500
#   400 0
# expect-event: ..."kind":"loop"...
# options:

import heapq
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    HIGH = 1
    MIDDLE = 2
    LOW = 3


@dataclass(order=True)
class Job:
    level: Level
    at: float
    number: int


def compared(count):
    levels = list(Level)
    equal = less = 0
    for i in range(count):
        level = levels[i % 3]
        if level == 2:
            equal += 1
        if Level.HIGH < level:
            less += level <= levels[2]
    return len(levels) + 1, equal, less // 2


def queued(count):
    queue = []
    for i in range(count):
        heapq.heappush(queue, Job(list(Level)[i * 7 % 3], i / 2, i))
    order = [heapq.heappop(queue) for _ in range(count)]
    return [(job.level.value, job.at + job.number * 2 - job.number * 2) for job in order[:3]][:3], len(order)


class Huge(int):
    pass


def huge(count):
    small = large = 0
    numbers = [Huge(5), Huge(1 << 80)]
    for i in range(count):
        if (numbers[i % 2], i) < (1 << 70, 0):
            small += 1
        else:
            large += 1
    return small, large


class Own(int):
    """Compares the other way round."""

    def __lt__(self, other):
        return int(self) > int(other)


def own(count):
    numbers = [Huge(i) for i in range(4)]
    less = more = 0
    for i in range(count):
        if i == count * 3 // 4:
            numbers = [Own(i) for i in range(4)]
        if (numbers[i % 3], 0) < (numbers[i % 3 + 1], 0):
            less += 1
        else:
            more += 1
    return less, more


class Slow:
    pass


class Fast(Slow):
    def same(self, other):
        return other.__class__ is self.__class__


class Told:
    __class__ = property(lambda self: Fast)


def classes(count):
    fast = Fast()
    mixed = [Fast(), Slow(), Told(), 5]
    names = set()
    same = other = 0
    thing = Fast()
    for i in range(count):
        if i == count * 3 // 4:
            thing.__class__ = Slow
        if fast.same(thing):
            same += 1
        else:
            other += 1
        names.add(thing.__class__.__name__)
    return sorted(names), same, other, sum(fast.same(each) for each in mixed * 200)


print(compared(2000))
print(*queued(2000))
print(*huge(2000))
print(own(2000))
print((Own(1) < Own(0), Own(0) < Own(1)), sum((Own(1), 2) < (Own(0), 1) for _ in range(400)))
names, same, other, told = classes(2000)
print(names, same, other)
print(told, sum(Fast().same(Slow()) for _ in range(400)))
