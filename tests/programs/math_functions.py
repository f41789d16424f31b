"""Functions of math, and builtins that a JIT likes to know: abs, min, max, divmod, sum, round, pow."""

# expect-stdout:
#   ('0x1.1dfa444b90f9dp+22', 2250474)
#   754845
#   [('TypeError', 3000), ('ValueError', 1000), ('fine', 4000)]
#   (0, 1008, 1239572.0)
#   4747512
#   0x1.4aed3f8000000p+23
#   -0.0 -1 0 0.0 3.141592653589793

import math
from math import sqrt, floor, gcd, isqrt


def roots(count):
    total = 0.0
    whole = 0
    for i in range(count):
        total += sqrt(i) + math.sqrt(i * 0.5) + math.fabs(-i)
        whole += isqrt(i) + floor(i / 3) + math.ceil(i / 7)
    return total.hex(), whole


print(roots(3000))


def divisors(count):
    total = 0
    for a in range(count):
        for b in (12, 18, a, -a, 0, 7):
            total += gcd(a, b) + math.lcm(a % 50, b % 9)
    return total


print(divisors(600))


def failing(count):
    tally = {}
    for i in range(count):
        x = (4, -1, 0, "4", None, 2.5, 1e300, float("inf"))[i % 8]
        for function in (sqrt, math.log, isqrt, math.factorial, abs):
            try:
                function(x) if x != 1e300 or function is not math.factorial else None
                key = "fine"
            except (ValueError, TypeError, OverflowError) as error:
                key = type(error).__name__
            tally[key] = tally.get(key, 0) + 1
    return sorted(tally.items())


print(failing(1600))


def extremes(count):
    low, high = 10**9, -1
    total = 0
    for i in range(count):
        n = (i * 7919) % 1009
        low = min(low, n)
        high = max(high, n)
        total += max(n, 500) - min(n, 250.5) + max(i % 3, 1, True) + min((3, 1, 2)) + max([i, 2], key=lambda x: -x)
    return low, high, total


print(extremes(3000))


def small_ones(count):
    total = 0
    for i in range(-count, count):
        q, r = divmod(i, 7)
        total += abs(i) + q * r + int(abs(i * 0.5)) + round(i / 4) + ord(chr(abs(i) % 1000 + 32)) + len(str(i))
        total += isinstance(i, int) + isinstance(i * 1.0, (str, float)) + bool(i) + hash(i) % 3 + pow(i, 2, 11)
    return total


print(small_ones(1500))


def floats(count):
    total = 0.0
    for i in range(1, count):
        x = i * 0.37
        total += math.fmod(x, 1.5) + math.copysign(1, -x) + math.trunc(x) + math.hypot(3 * i, 4 * i)
        total += math.modf(x)[0] + math.ldexp(x, -3) + math.frexp(x)[1] + math.remainder(x, 2.0)
        if math.isnan(x) or math.isinf(x) or not math.isfinite(x) or math.isclose(x, x + 1):
            return "wrong"
    return total.hex()


print(floats(2000))
print(math.sqrt(-0.0), math.floor(-0.5), math.ceil(-0.5), abs(-0.0), math.pi)
