"""`sum` of containers of everything, once and in loops."""

# expect-stdout:
#   0
#   0
#   0
#   0
#   0
#   6
#   4.5
#   22
#   4
#   6
#   5
#   9223372036854775808
#   9.223372036854776e+18
#   2.5
#   inf
#   9007199254740992.0
#   1.1805916207174113e+21
#   0.0
#   0.0
#   nan
#   1.8333333333333333
#   2
#   2.5
#   (1, 2)
#   15
#   added
#   added
#   (2.5+3j)
#   3
#   3
#   13 2.5 [1, 2]
#   TypeError
#   TypeError
#   TypeError
#   TypeError
#   TypeError
#   20 sum builtins 4950

from fractions import Fraction


class Odd:
    def __init__(self, value):
        self.value = value

    def __radd__(self, other):
        return (other, self.value)


class Mine(list):
    def __iter__(self):
        return iter([7, 8])


class Index(int):
    def __add__(self, other):
        return "added"

    __radd__ = __add__


def total(things):
    return sum(things)


def main():
    big = 1 << 62
    cases = [
        [], (), range(0), {}, set(), [1, 2, 3], (1.5, 2, True), range(10, 0, -3), {1: 2, 3: 4}, {1: 2, 3: 4}.values(),
        frozenset([5]), [big, big], [big, big, 0.5], [0.25] * 10, [1e308, 1e308, -1e308], [(1 << 53) + 1, 0.0, 1],
        [1, (1 << 70), -1, 2.5], [-0.0], [-0.0, -0.0], [float("nan")], [Fraction(1, 3), 1, 0.5], [True, False, True],
        [1.5, True], [1, Odd(2)], Mine([1, 2]), [Index(3)], [1, Index(3)], [2, 3j, 0.5], iter([1, 2]), map(abs, [-1, -2]),
    ]
    for case in cases:
        print(sum(case))
    print(sum([1, 2], 10), sum([1.5], start=1), sum([[1], [2]], []))
    for wrong in ([1, "a"], ["a"], 5, [None], ["a", "b"]):
        try:
            print(sum(wrong))
        except TypeError as error:
            print(type(error).__name__)
    seen = set()
    for n in range(300):
        seen.add(str(total(cases[n % 28])))
    print(len(seen), sum.__name__, sum.__module__, sum([x for x in range(100)]))


main()
