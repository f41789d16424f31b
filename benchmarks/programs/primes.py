"""Prime numbers counted by trial division.

What it measures: a call of a small function with three ways out of its loop, and modulo by a loop variable.
"""

SCALE = 100_000
SMALL = 2_000
REPEATS = 8


def is_prime(n):
    if n < 4:
        return n > 1
    if n % 2 == 0:
        return False
    divisor = 3
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 2
    return True


def main(scale=SCALE):
    """Returns how many primes there are below scale."""
    count = 0
    for n in range(scale):
        if is_prime(n):
            count += 1
    return count


if __name__ == "__main__":
    print(main())
