"""Four nested loops over ranges with a little int arithmetic inside.

What it measures: how cheaply an inner loop is entered and left, and whether what does not change stays outside of it.
"""

SCALE = 48
SMALL = 10
REPEATS = 8


def main(scale=SCALE):
    """Sums a small int expression over scale ** 4 index combinations."""
    total = 0
    for a in range(scale):
        for b in range(scale):
            for c in range(0, 2 * scale, 2):
                for d in range(scale, 0, -1):
                    total += (a ^ b) + (c & d) - (a * d) % 7
    return total


if __name__ == "__main__":
    print(main())
