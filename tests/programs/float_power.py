"""Powers with floats; a negative base with a fraction gives a complex number in mid loop."""

# expect-stdout:
#   0x1.270d3813813a4p+15
#   [('complex', 999), ('float', 1000), ('int', 1)]
#   200
#   64.0 -512.0 5e-324 1.0 1.0 1.0


def exact(count):
    total = 0.0
    for i in range(count):
        x = i % 9 * 0.5
        total += x**2 + x**0 + x**1 + (i % 4) ** 2.0 + (x + 1) ** -1
    return total.hex()


print(exact(3000))


def turning(count):
    kinds = {}
    for i in range(count):
        base = 1000 - i
        value = (base * 1.0) ** 0.5 if base else 0
        name = type(value).__name__
        kinds[name] = kinds.get(name, 0) + 1
    return sorted(kinds.items())


print(turning(2000))


def zero(count):
    failures = 0
    for i in range(count):
        try:
            (i % 10 * 1.0) ** -2
        except ZeroDivisionError:
            failures += 1
    return failures


print(zero(2000))
print((-8.0) ** 2, (-8.0) ** 3, 2.0**-1074, 0.0**0.0, (-1.0) ** float("inf"), 1.0 ** float("nan"))
