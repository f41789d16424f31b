"""`sum` of a generator whose elements are no small numbers: each is added when it comes, by whatever adds it."""

# expect-stdout:
#   ['give 0', ('spied', 1, 0, 0), 'give 1', ('spied', 1, 0, 1), 'give 2', ('spied', 1, 1, 2), 'give 3', ('spied', 1, 3, 3), 'closed', 'give 1', ('handled', 9, 0, 1), 'give 2', ('handled', 9, 1, 2), 'give 3', 'closed after', 'give 0', ('spied', 1, 0, 0), 'give 1', ('spied', 1, 0, 1), 'give 2', ('spied', 1, 1, 2), 'give 3', ('spied', 1, 3, 3), 'closed', 'give 1', ('handled', 9, 0, 1), 'give 2', ('handled', 9, 1, 2), 'give 3', ('handled', 9, 3, 3), 'give 4', ('handled', 9, 6, 4), 'closed after', 'give 0', ('spied', 1, 0, 0), 'give 1', ('spied', 1, 0, 1), 'give 2', ('spied', 1, 1, 2), 'give 3', ('spied', 1, 3, 3), 'closed', 'give 1', ('handled', 9, 0, 1), 'give 2', ('handled', 9, 1, 2), 'give 3', ('handled', 9, 3, 3), 'give 4', ('handled', 9, 6, 4), 'closed after']
#   5 ('no 7 after 0', '__radd__') 7
#   (1225, -1224, 2450) (Fraction(253, 2), 11111111111111111111, [1, 2]) unsupported operand type(s) for +: 'int' and 'str'
# expect-event: ..."kind":"loop"...

import sys
from fractions import Fraction

trail = []


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented


class Spy:
    """Notes the order of things, who adds, and raises when told to."""

    def __init__(self, value, raises=False):
        self.value, self.raises = value, raises

    def __add__(self, other):
        return other.__radd__(self.value)

    def __radd__(self, other):
        if self.raises:
            raise ValueError(f"no {self.value} after {other}")
        trail.append((sys._getframe(1).f_code.co_name, sys._getframe(1).f_lineno - BASE, other, self.value))
        return other + self.value


def watched(spies, end):
    try:
        for spy in spies:
            trail.append(f"give {spy.value}")
            yield spy
    finally:
        trail.append(end)


def spied(spies):
    return sum(watched(spies, "closed"))


BASE = spied.__code__.co_firstlineno


def handled(spies):
    try:
        return sum(watched(spies, "closed after"))
    except ValueError as error:
        return str(error), error.__traceback__.tb_next.tb_frame.f_code.co_name


def vectors(n):
    total = sum((Vector(i, -i) for i in range(n)), Vector(0, 1))
    plain = sum(v for v in [total, total])
    return total.x, total.y, plain.x


def mixed(n):
    return sum(Fraction(i, 2) if i % 3 else i for i in range(n)), sum(10**i for i in range(n)), sum(
        (x for x in ([1], [2])), [])


def wrong():
    try:
        sum(c for c in "ab")
    except TypeError as error:
        return str(error)


for turn in range(600):
    spied([Spy(n) for n in range(4)])
    handled([Spy(1), Spy(2), Spy(3, turn % 3 == 0), Spy(4)])
    vectors(5), mixed(6), wrong()
    if turn < 597:
        trail.clear()
print(trail)
print(spied([Spy(5)]), handled([Spy(7, True)]), handled([Spy(7)]))
print(vectors(50), mixed(20), wrong())
