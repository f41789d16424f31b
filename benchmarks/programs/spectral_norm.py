"""The spectral norm of an infinite matrix's upper left corner, by power iteration.

What it measures: a small Python function called in the inner loop, sums over lists, `enumerate`, and lists that are built
by `append`.
"""

from math import sqrt

SCALE = 200
SMALL = 20
REPEATS = 8


def entry(row, column):
    return 1.0 / ((row + column) * (row + column + 1) // 2 + row + 1)


def times(vector):
    result = []
    for row in range(len(vector)):
        total = 0.0
        for column, value in enumerate(vector):
            total += entry(row, column) * value
        result.append(total)
    return result


def times_transposed(vector):
    result = []
    for row in range(len(vector)):
        total = 0.0
        for column, value in enumerate(vector):
            total += entry(column, row) * value
        result.append(total)
    return result


def main(scale=SCALE):
    """Estimates the norm of the scale x scale corner with five double steps."""
    u = [1.0] * scale
    v = u
    for _ in range(5):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    uv = 0.0
    vv = 0.0
    for left, right in zip(u, v):
        uv += left * right
        vv += right * right
    return sqrt(uv / vv)


if __name__ == "__main__":
    print(main())
