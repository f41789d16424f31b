"""What classes answer while a loop runs compiled: slot wrappers, __bool__, signs, __new__, frozen dataclasses, classes
that change."""

# expect-stdout:
#   99 999
#   1008000 (501500, Pair(a=999, b=2)) 6795 2164 (3002000, 3000) 500
#   99 999
#   1008000 (501500, Pair(a=999, b=2)) 6795 2164 (9002000, 6000) 500
#   TypeError 400

from abc import ABC
from collections import namedtuple
from dataclasses import dataclass


class Base:
    def __init__(self, x):
        self.x = x


class Explicit(Base):
    def __init__(self, x):
        Base.__init__(self, x)
        self.y = x + 1


class Plain:
    def __init__(self):
        super().__init__()
        object.__init__(self)
        self.z = 3


@dataclass(frozen=True)
class Point:
    x: int
    y: int


Pair = namedtuple("Pair", "a b")


class Made:
    def __new__(cls, value=1, *more, **names):
        made = object.__new__(cls)
        made.value = value + len(more) + len(names)
        return made


class Picky:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        return self.value > 2

    def __neg__(self):
        return Picky(-self.value)

    def __invert__(self):
        if self.value == 99:
            raise ValueError("99")
        return self.value ^ 1


class Wrong:
    def __bool__(self):
        return 1


class Shape(ABC):
    pass


class Square(Shape):
    pass


class Counter:
    total = 0

    def __init__(self):
        self.own = 1

    @classmethod
    def count(cls, by):
        cls.total += by
        return cls.total


def instances(n):
    total = 0
    for i in range(n):
        total += Explicit(i).y + Plain().z + Point(i, 2).y + Made(i).value + Made(1, 2, three=3).value
    return total


def pairs(n):
    total = 0
    for i in range(n):
        pair = Pair(i, b=2)
        a, b = pair
        total += a + pair.b
    return total, pair


def answers(n):
    each = [Picky(value) for value in range(5)]
    total = 0
    for i in range(n):
        picky = each[i % 5]
        if picky:
            total += 1
        if not -picky:
            total += 2
        total += ~picky
    try:
        each.append(Picky(99))
        for i in range(n):
            total += ~each[i * 5 // (n - 1)]
    except ValueError as error:
        print(error, i)
    return total


def kinds(n):
    mixed = [1, "a", 2.0, None, Square(), Point(1, 2)]
    marker, total = object(), 0
    for i in range(n):
        one = mixed[i % 6]
        total += isinstance(one, (int, str)) + 2 * isinstance(one, Square) + 4 * isinstance(one, (float, Shape))
        total += (i is one) + (one is marker) + (one is mixed[4])
    return total


def changing(n):
    total = 0
    for i in range(n):
        Counter.total += 1
        total += Counter.total + Counter().own
        total += Counter.count(2)
    return total, Counter.total


def frozen(n):
    point, refused = Point(1, 2), 0
    for i in range(n):
        try:
            point.x = i
        except AttributeError:
            refused += 1
    return refused


for repeat in range(2):
    print(instances(1000), pairs(1000), answers(1000), kinds(1000), changing(1000), frozen(500))
try:
    for i in range(500):
        if Wrong() if i == 400 else i:
            pass
except TypeError as error:
    print(type(error).__name__, i)
