"""Pi by the Leibniz series, stopped by a tolerance: a float accumulator, a float comparison and an int counter.

What it measures: the thinnest hot loop there is. `abs` is a builtin, the sign comes from `k % 2 == 0`, each term is a
float divided by an int. A tracing JIT should keep everything in registers and leave two bridges at most.
"""

SCALE = 5_000_000
SMALL = 20_000
REPEATS = 10


def leibniz(tolerance):
    total = 0.0
    term = 1.0
    k = 0
    while abs(term) > tolerance:
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
    return leibniz(0.5 / scale)


if __name__ == "__main__":
    print(main())
