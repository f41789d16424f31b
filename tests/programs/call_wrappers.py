"""Decorators with `*args, **names`, partials, named tuples, classes with a metaclass."""

# expect-stdout:
#   74556277 21000
#   4576953 Point(x=1999000, y=-1999000) 4016691 Pair(left=1999, right=7) True
#   665672000

import enum
import functools
import sys
from abc import ABC, abstractmethod
from collections import namedtuple


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **names):
        wrapper.calls += 1
        return function(*args, **names)

    wrapper.calls = 0
    return wrapper


@counted
def add(a, b=1, *, scale=1):
    return (a + b) * scale


def gather(first, *rest, last=None, **names):
    names["n"] = len(rest)
    return first + len(rest) + sum(names.values()) + (last or 0)


def shown(*args, **names):
    if len(args) > 1:
        frame = sys._getframe(1)
        return len(args) + len(frame.f_locals)
    return len(names)


def fails(*args, **names):
    if args[0] % 500 == 499:
        raise ValueError(args, sorted(names))
    return names["k"]


def wrappers(n):
    increase = functools.partial(add, b=5)
    both = functools.partial(add, 10, scale=3)
    more = {"x": 1, "y": 2}
    total = 0
    for i in range(n):
        total += add(i) + add(i, 2) + add(i, b=3, scale=2) + increase(i) + both(i) + both(b=i)
        total += gather(i, 1, 2, last=3, z=4) + gather(*(i, 5), **more) + gather(i, **{})
        total += shown(i, z=1) + shown(1, i)
        if i % 100 == 0:
            more = {"x": i, "y": 2} if i % 200 else {"y": 1, "x": 2, "w": 3}
        if i == n - 10:
            increase.keywords["b"] = 7
        total += increase(i, scale=2)
        try:
            total += fails(i, k=i % 3, **{"m": 1})
        except ValueError as error:
            total += len(str(error.args))
    return total, add.calls


def wrong(n):
    total = 0
    for i in range(n):
        try:
            total += add(i, b=1, **({"b": 2} if i % 3 == 0 else {}))
        except TypeError as error:
            total += len(str(error))
        try:
            total += add(i, **({"c": 2} if i % 5 == 0 else {"scale": 2}))
        except TypeError:
            total += 1
    return total


class Point(namedtuple("Point", "x y")):
    __slots__ = ()

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Shape(ABC):
    @abstractmethod
    def area(self): ...

    def twice(self):
        return 2 * self.area()


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Half(Shape):
    pass


class Plain(type):
    def __call__(cls, *args):
        return ("made", cls.__name__, *args)


class Made(metaclass=Plain):
    def __init__(self, x):
        raise AssertionError


def tuples(n):
    point = Point(0, 0)
    pair = namedtuple("Pair", ["left", "right"], defaults=[7])
    total = 0
    for i in range(n):
        point = point + Point(i, y=-i)
        made = pair(i) if i % 2 else pair(left=i, right=2)
        total += made.left + made.right + (Color.RED if i % 3 else Color.GREEN).value
        total += (made == (i, 7)) + len(made) + made[0] + isinstance(made, tuple)
    try:
        tuple.__new__(Point, (1,)).y
    except IndexError as error:
        total += len(str(error))
    return point, total, made, Color.RED is Color(1)


def shapes(n):
    total = 0
    for i in range(n):
        square = Square(i)
        total += square.twice() + (type(square) is Square) + len(Made(i))
        try:
            Half()
        except TypeError as error:
            total += len(str(error)) > 10
    return total


print(*wrappers(3000))
print(wrong(2000), *tuples(2000))
print(shapes(1000))
