"""NaN compares unequal to everything, itself included; branches on it go the right way in hot code."""

# expect-stdout:
#   [500, 1000, 500, 1500, 0, 1000, 0, 1500]
#   [300, 1200, 1200, 600, 900, 600, 900, 1500]
#   (1200, True)
#   (nan, 1499, 1.0, nan, nan)
#   True True False 1

from math import isnan, nan


def branches(values, count):
    tally = [0] * 8
    for i in range(count):
        x = values[i % len(values)]
        if x < 1.0:
            tally[0] += 1
        else:
            tally[1] += 1
        if not x >= 1.0:
            tally[2] += 1
        if x == x:
            tally[3] += 1
        if x != x:
            tally[4] += 1
        if 0.0 < x < 2.0:
            tally[5] += 1
        if not (x <= 1.0 or x > 1.0):
            tally[6] += 1
        if x:
            tally[7] += 1
    return tally


print(branches([0.5, 1.0, 2.5], 1500))
print(branches([0.5, nan, 1.5, nan, nan], 1500))


def appears(count):
    x = 1.0
    for i in range(count):
        if i == 1200:
            x = float("inf") - float("inf")
        x = x * 1.0
        if x != x:
            return i, isnan(x)
    return "never"


print(appears(3000))


def extremes(count):
    low = high = None
    for i in range(count):
        low = min(nan, i)
        high = max(i, nan)
    return low, high, min(1.0, nan), max(nan, 1.0), min(nan, 1)


print(extremes(1500))
print(nan in [nan], [nan] == [nan], nan == nan, {nan: 1}[nan])
