"""Pi from random points, the random numbers from a linear congruential generator written in Python.

What it measures: int multiplication and modulo whose results stay below 2^63, the conversion of ints to floats, and a
branch that is taken in 79 % of the iterations.
"""

SCALE = 500_000
SMALL = 10_000
REPEATS = 8


def main(scale=SCALE):
    """Throws scale points into the unit square; returns four times the share that lies in the circle."""
    state = 20260101
    inside = 0
    for _ in range(scale):
        state = (state * 1103515245 + 12345) % 2147483648
        x = state / 2147483648
        state = (state * 1103515245 + 12345) % 2147483648
        y = state / 2147483648
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / scale


if __name__ == "__main__":
    print(main())
