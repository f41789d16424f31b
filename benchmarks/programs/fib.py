"""Fibonacci numbers by double recursion.

What it measures: the cost of a call, and nothing else. No loop is hot.
"""

SCALE = 30
SMALL = 15
REPEATS = 6


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def main(scale=SCALE):
    """Returns the Fibonacci number of scale."""
    return fib(scale)


if __name__ == "__main__":
    print(main())
