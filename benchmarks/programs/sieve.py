"""The sieve of Eratosthenes over a list of bools.

What it measures: stores of constants into a list by a computed index, with a step that changes from one inner loop to the
next, and a loop that reads the list back.
"""

SCALE = 500_000
SMALL = 10_000
REPEATS = 8


def main(scale=SCALE):
    """Returns the count and the sum of the primes below scale."""
    prime = [True] * scale
    prime[0] = False
    prime[1] = False
    n = 2
    while n * n < scale:
        if prime[n]:
            multiple = n * n
            while multiple < scale:
                prime[multiple] = False
                multiple += n
        n += 1
    count = 0
    total = 0
    for n, flag in enumerate(prime):
        if flag:
            count += 1
            total += n
    return count, total


if __name__ == "__main__":
    print(main())
