"""Takeuchi's function.

What it measures: recursion with three arguments, where the arguments of a call are results of calls.
"""

SCALE = 8
SMALL = 4
REPEATS = 6


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def main(scale=SCALE):
    """Adds up the function's values at a few places of the given size."""
    return sum(tak(2 * scale + extra, scale + extra, 2) for extra in range(3))


if __name__ == "__main__":
    print(main())
