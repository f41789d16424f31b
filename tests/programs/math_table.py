"""Functions of math as operations: the VM's own results to the last bit, its exceptions, ints in and out."""

# expect-stdout:
#   acos 911156043 0x1.92013363359cep+5
#   acosh 807874064 -
#   asin 828415531 0x1.5ffa407cc7abfp+5
#   asinh 507523663 0x1.19272e2578b17p+5
#   atan 506202845 0x1.0599832ad5ef8p+5
#   atanh 796019755 0x1.a7d8a9b38aa2ap+5
#   cbrt 589608695 0x1.93a6f77c48f82p+5
#   ceil 542973682 0x1.e000000000000p+5
#   cos 133575873 0x1.76afa9b2e7aefp+5
#   cosh 724576522 0x1.2ab000d05142cp+6
#   degrees 357448037 0x1.1027aafab3b2bp+11
#   erf 436023049 0x1.2088a63ba966dp+5
#   erfc 677385910 0x1.7eeeb388ad327p+4
#   exp 341738457 0x1.d1db6f7fda9b5p+6
#   exp2 690999138 0x1.79bcba217b877p+6
#   expm1 7237173 0x1.c3b6deffb5373p+5
#   fabs 570409877 0x1.6800000000000p+7
#   floor 909678588 0x1.6800000000000p+7
#   gamma 684278216 0x1.aca9059b3ace8p+6
#   isfinite 292313732 0x1.e000000000000p+5
#   isinf 408140029 0x0.0p+0
#   isnan 482200554 0x0.0p+0
#   lgamma 230100489 0x1.c75f8ee1a2f74p+4
#   log 775451385 -0x1.0a8fb2d0420e5p+5
#   log10 972682375 -0x1.cf107f7d34f72p+3
#   log1p 368606728 0x1.cb269e029df4cp+4
#   log2 269506398 -0x1.8091131939c91p+5
#   radians 376064703 0x1.53923e0c21ab8p-1
#   sin 453651671 0x1.13b0bbfe859b8p+5
#   sinh 837514878 0x1.4e56dd5f12b14p+5
#   sqrt 711096609 0x1.754a60e75e393p+5
#   tan 448578948 0x1.81e2a01cbf278p+5
#   tanh 595620982 0x1.01eaa1283a7f5p+5
#   trunc 679985682 0x0.0p+0
#   factorial 595328263 -
#   isqrt 179638955 -
#   atan2 564861108
#   comb 710685087
#   copysign 102045193
#   fmod 115651681
#   gcd 429836982
#   hypot 989109392
#   isclose 906963545
#   lcm 271737812
#   ldexp 421724316
#   log 498668249
#   perm 710685087
#   pow 346506604
#   remainder 514799313
#   606696976
#   [0, 2, 0, 0, 0, 1000000000000000, -2]
#   [3, 1, -5] 12300
# expect-event: ..."kind":"loop"...

import math
import random

UNARY = (
    "acos acosh asin asinh atan atanh cbrt ceil cos cosh degrees erf erfc exp exp2 expm1 fabs floor gamma isfinite isinf "
    "isnan lgamma log log10 log1p log2 radians sin sinh sqrt tan tanh trunc factorial isqrt"
).split()
BINARY = "atan2 comb copysign fmod gcd hypot isclose lcm ldexp log perm pow remainder".split()

random.seed(5)
INF, NAN = math.inf, math.nan
NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 1e-310, 1e308, -1e308, INF, -INF, NAN, 3, 0, -7, 20, 21, True, 2**53 + 1]
NUMBERS += [2**62 + 12345, 10**30, -(10**400), "x", 709.9, 171.5] + [random.uniform(-3, 3) for _ in range(6)]


def show(value):
    return value.hex() if isinstance(value, float) else repr(value)


def unary(function):
    found = []
    for x in NUMBERS:
        if function is math.factorial and isinstance(x, int) and x > 1000:
            continue
        try:
            found.append(show(function(x)))
        except (ValueError, OverflowError, TypeError) as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


def binary(function):
    found = []
    # (Of large numbers there are too many choices to count.)
    counts = function in (math.comb, math.perm)
    numbers = [x for x in NUMBERS if not (counts and isinstance(x, int) and abs(x) > 70)]
    for x in numbers[::3]:
        for y in numbers:
            try:
                found.append(show(function(x, y)))
            except (ValueError, OverflowError, TypeError, ZeroDivisionError) as error:
                found.append(f"{type(error).__name__}: {error}")
    return found


def digest(lines):
    total = 7
    for line in lines:
        for char in line:
            total = (total * 31 + ord(char)) % 1000000007
    return total


def always(function, xs):
    """One kind of argument, so that the loop has no exits until it ends."""
    total = 0.0
    for x in xs:
        total += function(x)
    return total.hex()


def rounds(count):
    lines = []
    for i in range(count):
        x = random.uniform(-1000, 1000) * 10 ** (i % 7 - 3)
        for digits in (0, 1, 2, 5, 15, 20, -1, -2):
            lines.append(round(x, digits).hex())
        lines.append(str(round(x)))
    for x in (0.5, 1.5, 2.5, 0.25, 0.125, 2.675, 1.005, -0.0, -0.4, 1e300, 5e-324, INF, 0.5000000000000001, 12345.5):
        for digits in range(-3, 18):
            lines.append(round(x, digits).hex())
    return lines


def whole(xs):
    return [round(x) for x in xs]


for name in UNARY:
    lines = unary(getattr(math, name)) + unary(getattr(math, name))
    print(name, digest(lines), always(getattr(math, name), [2, 3, 4] * 20 if name[:1] in "fi" else [0.3, 0.7, 0.9] * 20)
          if name not in ("acosh", "factorial", "isqrt") else "-")
for name in BINARY:
    print(name, digest(binary(getattr(math, name))))
print(digest(rounds(40)))
print(whole([0.5, 1.5, 0.5000000000000001, -0.5000000000000001, 0.49999999999999994, 1e15 + 0.5, -2.5] * 9)[:7])
print([round(i, 2) for i in (3, True, -5)], round(12345, -2))
