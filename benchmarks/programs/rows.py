"""A function of nine parameters, each of which may be None, called for every row of a table.

What it measures: bridge explosion. Each of the nine defaults is a branch of its own that the data decides, so there are 512
ways through the function. A JIT that makes a path of each needs hundreds of bridges, and each of them copies the rest.
"""

import random

SCALE = 100_000
SMALL = 2_000
REPEATS = 10


def score(base=None, slope=None, weight=None, low=None, high=None, shift=None, gain=None, floor=None, ratio=None):
    if base is None:
        base = 10
    if slope is None:
        slope = 0.5
    if weight is None:
        weight = 2
    if low is None:
        low = 1.5
    if high is None:
        high = 12
    if shift is None:
        shift = -0.25
    if gain is None:
        gain = 3
    if floor is None:
        floor = 0.75
    if ratio is None:
        ratio = 4
    line = base * slope + weight
    if line < low:
        line = low
    if line > high:
        line = high
    other = gain * shift + floor
    if other < 0:
        other = -other
    if ratio > 0.5:
        other = other * ratio
    return line + other


def table(count):
    """The rows: nine entries each, None with probability one half, else a float between 0 and 1."""
    source = random.Random(20260101)
    rows = []
    for _ in range(count):
        row = []
        for _ in range(9):
            row.append(None if source.random() < 0.5 else source.random())
        rows.append(tuple(row))
    return rows


TABLE = []


def main(scale=SCALE):
    """Adds up the scores of scale rows; the table is made by `prepare`, outside of the measured time."""
    total = 0.0
    for row in TABLE:
        total += score(*row)
    return total


def prepare(scale=SCALE):
    """Makes the table before the first call of `main`."""
    TABLE[:] = table(scale)


if __name__ == "__main__":
    prepare()
    print(main())
