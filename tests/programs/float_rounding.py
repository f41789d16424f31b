"""round() with digits, floor, ceil and trunc, conversions to int, from floats of every sort."""

# expect-stdout:
#   (-6000, 7500, -1750, 500, '-0x1.8a87fffffff32p+14')
#   399701999999999999000008
#   (15, ['OverflowError', 'ValueError', 'OverflowError'])

from math import ceil, floor, trunc


def rounding(count):
    a = b = c = d = 0
    e = 0.0
    for i in range(count):
        x = (i - count // 2) / 8
        a += floor(x) * 3
        b += ceil(x) * 5
        c += trunc(x) * 7
        d += round(x) * (i % 5)
        e += round(x, 1) + round(x * 100, -1)
    return a, b, c, d, e.hex()


print(rounding(4000))


def large(count):
    total = 0
    for i in range(count):
        total += floor(1e15 + i * 0.5) + ceil(-1e17 - i) + trunc(1e20 + i * 1e17)
    return total


print(large(2000))


def failing(count):
    seen = []
    for i in range(count):
        x = 1.5 if i % 100 else float("nan" if i % 200 else "inf")
        try:
            floor(x)
        except (ValueError, OverflowError) as error:
            seen.append(type(error).__name__)
    return len(seen), seen[:3]


print(failing(1500))
