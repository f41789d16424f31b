"""Pythagorean triples with a bounded perimeter, counted by two nested loops.

What it measures: loops that call two C-level functions (`math.gcd` in the inner one, `isqrt` once), with conditions that
skip most of the work. The variants `pythagorean_generator` and `pythagorean_iterator` draw the same pairs from a generator
and from an iterator class.
"""

from math import gcd, isqrt

SCALE = 2_000_000
SMALL = 20_000
REPEATS = 8


def main(scale=SCALE):
    """Counts the triples, multiples of primitive ones included, whose perimeter is at most scale."""
    count = 0
    limit = isqrt(2 * scale) + 1
    for m in range(1, limit):
        for n in range(1, limit):
            if (m - n) % 2 == 1 and gcd(m, n) == 1:
                perimeter = 2 * m * (m + n)
                if perimeter > scale:
                    continue
                count += scale // perimeter
    return count


if __name__ == "__main__":
    print(main())
