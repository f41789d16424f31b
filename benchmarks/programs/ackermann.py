"""Ackermann's function.

What it measures: recursion that is some hundred frames deep, most of it in tail position, which Python does not
shorten.
"""

import sys

SCALE = 7
SMALL = 3
REPEATS = 8

sys.setrecursionlimit(6_000)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def main(scale=SCALE):
    """Returns ackermann(3, scale)."""
    return ackermann(3, scale)


if __name__ == "__main__":
    print(main())
