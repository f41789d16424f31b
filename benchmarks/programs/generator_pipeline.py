"""A pipeline of generators: numbers, parsed, filtered, in running sums.

What it measures: generators that consume generators, `yield` in loops and under conditions, and frames that stay for
the whole loop.
"""

SCALE = 200_000
SMALL = 2_000
REPEATS = 8


def numbers(count):
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        yield state >> 8


def multiples(source, divisor):
    for value in source:
        if value % divisor == 0:
            yield value // divisor


def pairs(source):
    before = 0
    for value in source:
        yield before, value
        before = value


def rising(source):
    for before, value in source:
        if value > before:
            yield value - before


def main(scale=SCALE):
    """Adds up what comes out at the end of the pipeline."""
    total = 0
    for step in rising(pairs(multiples(numbers(scale), 3))):
        total += step
    return total


if __name__ == "__main__":
    print(main())
