"""Sums, counts and searches over generator expressions.

What it measures: generator expressions that builtins consume (sum, any, all, max, min, list), one short-lived
generator after the other.
"""

SCALE = 2_000
SMALL = 40
REPEATS = 8


def main(scale=SCALE):
    """Adds up what the builtins make of a hundred numbers, again and again."""
    values = [(7 * i) % 101 for i in range(100)]
    total = 0
    for round_number in range(scale):
        total += sum(value * value for value in values)
        total += sum(1 for value in values if value & 1)
        total += max(value ^ round_number for value in values)
        if any(value == round_number for value in values):
            total += 1
        if all(value < 100 for value in values):
            total += 2
        total += len(list(value for value in values if value % 3 == 0))
    return total


if __name__ == "__main__":
    print(main())
