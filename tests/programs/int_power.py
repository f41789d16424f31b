"""Powers: small, large, negative exponents, zero to the zero, three arguments."""

# expect-stdout:
#   (4539834, 632.9251090936644)
#   68800
#   10511134590
#   8994000 1 -9223372036854775808 9223372036854775808 0.25 1.0
#   1001 ZeroDivisionError


def table(count):
    total = 0
    floats = 0.0
    for i in range(count):
        base = i % 13 - 6
        exponent = i % 7
        total += base**exponent
        if base != 0:
            floats += base ** (-exponent)
    return total, floats


print(table(3000))


def growing(count):
    digits = 0
    for i in range(count):
        digits += len(str(2 ** (i % 150)))
    return digits


print(growing(3000))


def modular(count):
    total = 0
    for i in range(1, count):
        total += pow(i, i + 1, 1000003) + pow(i, 2)
    return total


print(modular(3000))


def squares(count):
    total = 0
    for i in range(count):
        total += i**2 - (i - 1) ** 2
    return total


print(squares(3000), 0**0, (-2) ** 63, 2**63, 2**-2, 0.0**0)
try:
    for i in range(2000):
        0 ** (1000 - i)
except ZeroDivisionError as error:
    print(i, type(error).__name__)
