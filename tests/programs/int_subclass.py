"""Subclasses of int, float and list whose operators are overridden: they must never be taken for the builtin."""

# expect-stdout:
#   ('int', 1124250)
#   ('Loud', 1501124250)
#   ('int', 2005)
#   2000
#   1.0 0.5
#   3000 10500 3000
#   ('int', 1) ('Loud', 90)


class Loud(int):
    def __add__(self, other):
        return Loud(int(self) + int(other) + 1000000)

    def __bool__(self):
        return False

    def __lt__(self, other):
        return True


class Half(float):
    def __mul__(self, other):
        return 0.5


class Odd(list):
    def __getitem__(self, index):
        return 7

    def __len__(self):
        return 3


def add_up(values, start):
    total = start
    for value in values:
        total = total + value
    return type(total).__name__, int(total)


print(add_up(range(1500), 0))
print(add_up(range(1500), Loud(0)))
print(add_up([1] * 1000 + [Loud(5)] + [1] * 1000, 0))


def count_true(values):
    n = 0
    for value in values:
        if value:
            n += 1
    return n


print(count_true([1] * 1000 + [Loud(1)] * 50 + [1] * 1000))


def product(values):
    x = 1.0
    for value in values:
        x = value * x
    return x


print(product([1.0] * 1200), product([1.0] * 1200 + [Half(3)] * 2 + [1.0] * 100))


def index(things, count):
    total = 0
    for i in range(count):
        total += things[i % len(things)]
    return total


print(index([1, 2, 3], 1500), index(Odd([1, 2, 3]), 1500), index((1, 2, 3), 1500))


def smallest(values):
    best = values[0]
    for value in values:
        if value < best:
            best = value
    return type(best).__name__, int(best)


print(smallest(list(range(1000, 0, -1))), smallest([5] * 1000 + [Loud(90)] * 3))
