"""Nought divided by a negative int: the embedded VM gives 0.0 where CPython gives -0.0; compiled code has to do as the VM."""

# expect-stdout:
#   100 0 / -1 = 0.0
#   100 1 / 2 = 0.5
#   100 -1 / -3 = 0.3333333333333333
#   100 0 / 5 = 0.0
#   100 1 / -1 = -1.0
#   100 -1 / 2 = -0.5
#   100 0 / -3 = 0.0
#   100 1 / 5 = 0.2
#   100 -1 / -1 = 1.0
#   100 0 / 2 = 0.0
#   100 1 / -3 = -0.3333333333333333
#   100 -1 / 5 = -0.2
#   (-1124.0, -1.5, 0, 0)
#   [0.0, 0.0, 0.0, 0.0]


def quotients(values, divisors, count):
    seen = {}
    for i in range(count):
        a = values[i % len(values)]
        b = divisors[i % len(divisors)]
        key = "%d / %d = %r" % (a, b, a / b)
        seen[key] = seen.get(key, 0) + 1
    return seen


for key, number in quotients([0, 1, -1], [-1, 2, -3, 5], 1200).items():
    print(number, key)


def carried(count):
    n = 3
    total = 1.0
    for _ in range(count):
        n, total = (n - 1) % 4, total + n / -2
    return total, n / -2, 0 % -3, 0 // -3


print(carried(1500))


def compiled(count, divisor):
    """Nothing in the loop but what is compiled."""
    x = 1.0
    for i in range(count):
        x = (i & 0) / divisor
    return x


print([compiled(1500, divisor) for divisor in (-4, 4, -1, True)])
