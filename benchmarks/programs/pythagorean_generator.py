"""Pythagorean triples over a generator that yields the pairs of two ranges.

What it measures: what a generator's frame costs. The work is that of `pythagorean`.
"""

from math import gcd, isqrt

SCALE = 2_000_000
SMALL = 20_000
REPEATS = 6


def pairs(limit):
    for m in range(1, limit):
        for n in range(1, limit):
            yield m, n


def main(scale=SCALE):
    """Counts the triples, multiples of primitive ones included, whose perimeter is at most scale."""
    count = 0
    for m, n in pairs(isqrt(2 * scale) + 1):
        if (m - n) % 2 == 1 and gcd(m, n) == 1:
            perimeter = 2 * m * (m + n)
            if perimeter > scale:
                continue
            count += scale // perimeter
    return count


if __name__ == "__main__":
    print(main())
