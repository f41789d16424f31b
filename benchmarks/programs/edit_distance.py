"""Distances between words by Levenshtein's algorithm, with one row kept at a time.

What it measures: two strings compared character by character, a list that grows, and min of three ints.
"""

SCALE = 80
SMALL = 2
REPEATS = 8


def distance(a, b):
    """How many letters have to be inserted, deleted or replaced."""
    previous = list(range(len(b) + 1))
    for i, one in enumerate(a):
        current = [i + 1]
        for j, other in enumerate(b):
            insert = previous[j + 1] + 1
            delete = current[j] + 1
            replace = previous[j] + (one != other)
            current.append(min(insert, delete, replace))
        previous = current
    return previous[-1]


def main(scale=SCALE):
    """Returns the sum of all distances."""
    words = ["kitten", "sitting", "saturday", "sunday", "rosettacode", "raisethysword", "intention", "execution"]
    total = 0
    for _ in range(scale):
        for a in words:
            for b in words:
                total += distance(a, b)
    return total + distance("abcdefghij" * scale, "acegikmoqs" * scale)


if __name__ == "__main__":
    print(main())
