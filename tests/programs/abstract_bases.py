"""`isinstance` with abstract base classes: what they have kept holds until a class is registered, or a metaclass changes."""

# expect-stdout:
#   (2000, 0, 2000, 1000)
#   (500, 1500) (2000, 0)
#   (0, 2000) (1000, 1000)
#   (2000, 0) (0, 2000)
#   2000 0
#   True 1000
# expect-event: ..."kind":"loop"...
# options:

from abc import ABC, ABCMeta
from collections.abc import Hashable, Iterable, Mapping, Sequence
from numbers import Number, Rational
from fractions import Fraction


class Shape(ABC):
    pass


class Square(Shape):
    pass


class Other:
    pass


class Late:
    pass


def builtins(count):
    maps = sequences = numbers = rational = 0
    things = [{}, {1: 2}]
    values = [1, Fraction(1, 2), 2.5, 3]
    for i in range(count):
        maps += isinstance(things[i % 2], Mapping)
        sequences += isinstance(things[i % 2], (Sequence, Number))
        numbers += isinstance(values[i % 4], Number)
        rational += isinstance(values[i % 2 + 2], Rational)
    return maps, sequences, numbers, rational


def registered_late(count, limit):
    yes = no = 0
    for i in range(count):
        if i == limit:
            Shape.register(Late)
        if isinstance(late, Shape):
            yes += 1
        else:
            no += 1
    return yes, no


class Claims:
    @property
    def __class__(self):
        return Square if self.is_square else Other

    def __init__(self, is_square):
        self.is_square = is_square


def claimed(count):
    yes = no = 0
    claims = [Claims(True), Claims(False)]
    for i in range(count):
        if isinstance(claims[i * 2 // count], Shape):
            yes += 1
        else:
            no += 1
    return yes, no


def others(count):
    yes = no = 0
    for _ in range(count):
        if isinstance(Other(), (Shape, Iterable)):
            yes += 1
        else:
            no += 1
    return yes, no


class Answers(ABCMeta):
    pass


class Asked(metaclass=Answers):
    pass


def asked(count):
    yes = 0
    for i in range(count):
        if i == count // 2:
            Answers.__instancecheck__ = lambda cls, instance: False
        yes += isinstance(asked_of, Asked)
    return yes


late = Late()
print(builtins(2000))
print(registered_late(2000, 1500), registered_late(2000, 0))
print(others(2000), claimed(2000))
print((sum(isinstance(Square(), Shape) for _ in range(2000)), sum(isinstance(1, Shape) for _ in range(2000))), others(2000))
print(sum(isinstance(unhashable, Hashable) for unhashable in [()] * 2000), sum(isinstance([], Hashable) for _ in range(2000)))
asked_of = type("Sub", (Asked,), {})()
print(isinstance(asked_of, Asked), asked(2000))
