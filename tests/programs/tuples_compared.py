"""Tuples that are made to be compared: numbers of all kinds, text, tuples inside, other lengths, nan, types that change."""

# expect-stdout:
#   0
#   [3, 5, 7] 3946 [(0, 1), (2, 3)]
#   True False True [False, True, False, True]
#   TypeError '<' not supported between instances of 'str' and 'int' 200
#   Version(1, 2) Version(1, 10) True 82

import operator
from dataclasses import dataclass

OPERATORS = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]
VALUES = [0, 1, -1, 2, 0.0, -0.0, 1.5, True, False, 1 << 53, (1 << 53) + 1, float(1 << 53), 1 << 70, float("inf")]
TEXTS = ["", "a", "b", "ab", "\xe9"]


def by_hand(number, a, b):
    """What the tuples' comparison gives, without tuples."""
    for x, y in zip(a, b):
        if not (x is y or x == y):
            return OPERATORS[number](x, y) if number not in (2, 3) else number == 3
    return OPERATORS[number](len(a), len(b))


def all_pairs(values):
    wrong = 0
    for x in values:
        for y in values:
            for z in values[:5]:
                found = [
                    (x, z) < (y, z), (x, z) <= (y, z), (x, z) == (y, z), (x, z) != (y, z), (x, z) > (y, z), (x, z) >= (y, z),
                    (x,) < (y, z), (z, x) <= (z, y), (x, y) == (y, x), ((x, z), 1) != ((y, z), 1), (z, x) > (x,), (z, y) >= (z, x, 1),
                ]
                sides = [
                    ((x, z), (y, z)), ((x, z), (y, z)), ((x, z), (y, z)), ((x, z), (y, z)), ((x, z), (y, z)), ((x, z), (y, z)),
                    ((x,), (y, z)), ((z, x), (z, y)), ((x, y), (y, x)), (((x, z), 1), ((y, z), 1)), ((z, x), (x,)),
                    ((z, y), (z, x, 1)),
                ]
                for number, (is_so, (a, b)) in enumerate(zip(found, sides)):
                    wrong += is_so is not by_hand(number % 6, a, b)
    return wrong


def goal(count):
    """A pair against one that exists."""
    found, total = [], 0
    want = (3, 4)
    for n in range(count):
        position = (n % 7, n % 5)
        if (n % 7, n % 5) == want:
            found.append(n % 23)
        if position != want and (position[0], n) <= (4, count):
            total += n % 5
    return sorted(set(found))[3:9:2], total, [(x, y) for x in range(4) for y in range(4) if (x, y) in ((0, 1), (2, 3))]


def nans():
    nan, other = float("nan"), float("nan")
    results = []
    for turn in range(60):
        a, b = (nan, other) if turn % 2 else (1.0, 1.0)
        results.append([(a, 1) == (a, 1), (a, 1) == (b, 1), (a, 1) <= (a, 1), (nan, turn) == (nan, turn)])
    assert results[0] == results[58] and results[1] == results[59]
    return results[1][0], results[1][1], results[1][2], [(nan, 1) == (other, 1), (nan, 1) != (other, 1), (nan,) < (nan,), (nan,) <= (nan,)]


def changing():
    count = 0
    things = [1] * 200 + ["a"]
    try:
        for thing in things:
            if (thing, 1) < (2, 2):
                count += 1
    except TypeError as error:
        return type(error).__name__, error, count


@dataclass(order=True)
class Version:
    major: int
    minor: int

    def __repr__(self):
        return f"Version({self.major}, {self.minor})"


def versions():
    all_of = [Version(1 + n % 2, n % 11) for n in range(2, 40)]
    least = most = Version(1, 10)
    later = 0
    for version in all_of:
        for other in all_of[:4]:
            later += version > other
        if version < least:
            least = version
    return min(all_of[:1] + [Version(1, 2)]), most, least <= most, later


print(all_pairs(VALUES) + all_pairs(TEXTS))
print(*goal(3000))
print(*nans())
print(*changing())
print(*versions())
