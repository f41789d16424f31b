"""Pi by the Leibniz series with one opaque call in each iteration: the price of a trace blocker.

What it measures: the same loop as `leibniz_pi`, plus a call of a builtin that does nothing and that a JIT knows nothing
about (`gc.isenabled`). The distance to `leibniz_pi` is what one call that cannot be entered costs.
"""

from gc import isenabled

SCALE = 5_000_000
SMALL = 20_000
REPEATS = 10


def leibniz(tolerance, opaque):
    total = 0.0
    term = 1.0
    k = 0
    while abs(term) > tolerance:
        opaque()
        if k % 2 == 0:
            sign = 1.0
        else:
            sign = -1.0
        term = sign / (2 * k + 1)
        total += term
        k += 1
    return 4 * total


def main(scale=SCALE):
    """Sums the series until a term is no larger than 1 / (2 * scale), which takes scale + 1 terms."""
    return leibniz(0.5 / scale, isenabled)


if __name__ == "__main__":
    print(main())
