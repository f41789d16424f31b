"""Infinities: overflow of a product, comparison, conversion, floor division and modulo."""

# expect-stdout:
#   (1023, inf, True)
#   (1024, 'OverflowError')
#   inf inf nan nan nan
#   nan -inf nan nan nan
#   inf inf 0.0 0.0 1.5
#   inf -inf -0.0 -1.0 inf
#   inf inf 0.0 0.0 1e+308
#   nan -inf nan nan nan
#   -inf inf nan nan nan
#   -inf -inf -0.0 -1.0 -inf
#   -inf inf 0.0 0.0 -2.0
#   -inf -inf -0.0 -1.0 -inf
#   inf inf inf nan nan
#   -inf -inf -inf nan nan
#   3.0 2.25 1.0 1.0 0.0
#   -0.5 -3.0 -1.3333333333333333 -2.0 1.0
#   1e+308 1.5e+308 6.666666666666666e+307 6.666666666666666e+307 0.5
#   inf -inf -inf nan nan
#   -inf inf inf nan nan
#   -0.5 -3.0 -0.75 -1.0 -0.5
#   -4.0 4.0 1.0 1.0 -0.0
#   1e+308 -inf -5e+307 -5e+307 -0.0
#   inf inf inf nan nan
#   -inf -inf -inf nan nan
#   1e+308 1.5e+308 1.5e-308 0.0 1.5
#   1e+308 -inf -2e-308 -1.0 1e+308
#   inf inf 1.0 1.0 0.0
#   1500 1500
#   True True False 314159 False

inf = float("inf")


def grow(count):
    x = 1.0
    for i in range(count):
        x *= 2.0
        if x == inf:
            return i, x, x - x != x - x
    return "no"


print(grow(3000))


def powers(count):
    out = 0
    try:
        for i in range(count):
            x = 2.0**i
            out += 1
    except OverflowError as error:
        return out, type(error).__name__
    return x


print(powers(3000))


def table(values, count):
    parts = []
    for i in range(count):
        a = values[i % len(values)]
        b = values[(i // len(values)) % len(values)]
        if b:
            parts.append((a + b, a * b, a / b, a // b, a % b))
    return parts


found = table([inf, -inf, 1.5, -2.0, 1e308], 1500)
for row in found[:25]:
    print(*row)
print(len(found), sum(str(row) == str(found[i % 25]) for i, row in enumerate(found)))
print(inf > 10**400, -inf < -(10**400), inf == 10**400, hash(inf), int(1e308) == 10**308)
