"""True division of ints that floats cannot hold: the quotient is rounded once, from the exact numbers."""

# expect-stdout:
#   0x1.5555555555556p+51 0x1.5555555555fbfp+51 2000.5
#   1999
#   0x1.05b11873003f4p+65
#   1026 integer division result too large for a float
#   -3.5 -3.5 -0.0 0.3333333333333333 2.0


def quotients(count):
    out = []
    base = (1 << 53) + 1
    for i in range(count):
        out.append((base + 2 * i) / 3)
    return out


found = quotients(2000)
print(found[0].hex(), found[-1].hex(), sum(x % 2 for x in found))


def both(count):
    exact = 0
    for i in range(1, count):
        n = 9007199254740993 * i
        if n / i == 9007199254740993 / 1:
            exact += 1
    return exact


print(both(2000))


def sizes(count):
    total = 0.0
    for i in range(1, count):
        total += (10**30 + i) / (10**29 - i) + i / (1 << 62) + (1 << 62) / i
    return total.hex()


print(sizes(2000))
try:
    for i in range(1, 2000):
        (1 << i) / 3
except OverflowError as error:
    print(i, error)
print((-7) / 2, 7 / -2, 0 / -5, 1 / 3, (1 << 1030) / (1 << 1029))
