"""Negative zero survives arithmetic, boxing, copying and comparison."""

# expect-stdout:
#   ('-+--++++++-++--+-+-+--++++++-++--+-+-+--++++++-++--+-+', 5250, 8250)
#   (751, -0.0)
#   -0.0 0.0 -0.0 True 0 -0.0 -0.0 0.0
#   ['falsy', 'falsy', 1e-320]

from math import copysign


def signs(values, count):
    text = ""
    zero = -0.0
    for i in range(count):
        x = values[i % len(values)]
        for y in (x * zero, x + zero, zero - x, -x, x * 0, 0.0 * x, x % 3.0, x // 3.0, abs(x)):
            text += "-" if copysign(1.0, y) < 0 else "+"
    return text[: 9 * len(values)], text.count("-"), text.count("+")


print(signs([0.0, -0.0, 1.0, -1.0, 3.0, -3.0], 1500))


def carried(count):
    x = 0.0
    flips = 0
    for i in range(count):
        x = -x
        if str(x) == "-0.0":
            flips += 1
        if x != 0:
            return "wrong"
    return flips, x


print(carried(1501))


def additive(count):
    total = -0.0
    for _ in range(count):
        total += -0.0
    return total


print(additive(1500), -0.0 + 0, 0 * -1.0, -0.0 == 0, round(-0.4), round(-0.4, 0), -0.0 // 1, -0.0 % 5)
print([x or "falsy" for x in (0.0, -0.0, 1e-320)])
