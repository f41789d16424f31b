"""Chained comparisons: each operand is evaluated once, and the chain ends at the first that fails."""

# expect-stdout:
#   [1100, 600, 600, 900, 1000] 6000
#   4214
#   1409

evaluated = 0


def value(x):
    global evaluated
    evaluated += 1
    return x


def chains(count):
    hits = [0] * 5
    for i in range(count):
        x = i % 20
        if 3 < x < 15:
            hits[0] += 1
        if 0 <= x <= 10 <= x + 5:
            hits[1] += 1
        if value(5) < value(x) < value(12) != value(7):
            hits[2] += 1
        if not 3 < x < 15:
            hits[3] += 1
        if 1 == x % 2 == (x > 0):
            hits[4] += 1
    return hits


print(chains(2000), evaluated)


def mixed(count):
    hits = 0
    for i in range(count):
        y = i * 0.01
        hits += 1 < y < 10 > y
        hits += 0 == i % 3 != i % 2
        hits += (i < 100) < (i < 500)
        hits += 1.5 <= i <= 2**60
    return hits


print(mixed(2500))


def membership(count):
    hits = 0
    for i in range(count):
        if i % 10 in (1, 5, 7) and i % 7 not in [2, 3] and str(i % 3) in "012" != None:
            hits += 1
        if i % 11 in {1: 2, 3: 4} or i in range(0, count, 13):
            hits += 2
    return hits


print(membership(2000))
