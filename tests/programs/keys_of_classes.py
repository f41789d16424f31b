"""Dicts and sets built in a loop with keys of Python classes, whose hash and comparison are Python code and may raise."""

# expect-stdout:
#   (91904, 2021) (87890, 101)
#   [(('__eq__', 27), 7), (('__hash__', 22), 61), (('where', 59), 68)]
#   4513500 4486500

import collections
import traceback

Point = collections.namedtuple("Point", "x y")


class Key:
    made = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        if self.n % 97 == 96:
            raise ValueError(f"no hash for {self.n}")
        return self.n % 5

    def __eq__(self, other):
        if self.n % 89 == 88 and other.n % 5 == 3:
            raise LookupError(f"cannot compare {self.n}")
        return self.n % 7 == other.n % 7


def built(n):
    sizes = failed = 0
    for k in range(n):
        try:
            d = {Key(k): k, Key(k + 5): 2, Point(k % 3, 1): 3}
            s = {Key(k), Key(k + 35), Key(k + 1)}
            sizes += len(d) * 10 + len(s)
        except (ValueError, LookupError) as error:
            failed += len(str(error))
    return sizes, failed


def added(n):
    sizes = failed = 0
    for k in range(0, n, 10):
        try:
            d = {Key(i): i for i in range(k, k + 10)}
            s = {Key(i) for i in range(k, k + 10)}
            sizes += len(d) * 10 + len(s)
        except (ValueError, LookupError):
            failed += 1
    return sizes, failed


def where(n):
    lines = collections.Counter()
    for k in range(n):
        try:
            {Key(k):
                 1, Key(k + 50): 2}
        except (ValueError, LookupError) as error:
            for entry in traceback.extract_tb(error.__traceback__):
                lines[entry.name, entry.lineno] += 1
    return sorted(lines.items())


class Shape:
    sides = 0

    @classmethod
    def of(cls, n):
        made = cls()
        made.sides = n
        return made

    def again(self):
        return self.__class__.of(self.sides + 1)


class Square(Shape):
    pass


def classes(n):
    total = 0
    shape = Square.of(1)
    for k in range(n):
        shape = shape.again() if k % 50 else Shape.of(k)
        total += shape.sides + len(type(shape).__name__)
    return total


def unbound(n):
    total = 0
    for k in range(n):
        if k % 3 == 0:
            extra = k
            for j in range(3):
                total += j + extra
            del extra
        else:
            for j in range(4):
                total -= j
    try:
        return total + extra
    except UnboundLocalError:
        return total


print(built(3000), added(9000))
print(where(3000))
print(classes(3000), unbound(3000))
