"""Pythagorean triples over an iterator class that yields the pairs of two ranges.

What it measures: a Python-level `__next__` in the loop's header, attributes that are read and written in each iteration,
and tuples that live for one iteration. The work is that of `pythagorean`.
"""

from math import gcd, isqrt

SCALE = 2_000_000
SMALL = 20_000
REPEATS = 6


class Pairs:
    def __init__(self, limit):
        self.limit = limit
        self.m = 1
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n == self.limit:
            self.n = 1
            self.m += 1
        if self.m >= self.limit:
            raise StopIteration
        return self.m, self.n


def main(scale=SCALE):
    """Counts the triples, multiples of primitive ones included, whose perimeter is at most scale."""
    count = 0
    for m, n in Pairs(isqrt(2 * scale) + 1):
        if (m - n) % 2 == 1 and gcd(m, n) == 1:
            perimeter = 2 * m * (m + n)
            if perimeter > scale:
                continue
            count += scale // perimeter
    return count


if __name__ == "__main__":
    print(main())
