"""The longest Collatz chain that begins below a limit.

What it measures: int arithmetic with an unpredictable branch in a short inner loop of unknown length.
"""

SCALE = 100_000
SMALL = 2_000
REPEATS = 8


def main(scale=SCALE):
    """Returns (start, length) of the longest chain among the starts 1 .. scale - 1."""
    best_start = 1
    best_length = 1
    for start in range(1, scale):
        n = start
        length = 1
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            length += 1
        if length > best_length:
            best_length = length
            best_start = start
    return best_start, best_length


if __name__ == "__main__":
    print(main())
