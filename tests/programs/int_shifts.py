"""Shifts by amounts below, at and above 63; of negative numbers; by a negative amount."""

# expect-stdout:
#   1070479380861482949071308281
#   -424274393658695534896
#   (800791546229, 256)
#   (1001, 'negative shift count')
#   -1 0 -3 0 9223372036854775808 -9223372036854775808 18446744073709551616


def left(count):
    total = 0
    for i in range(count):
        total ^= (i + 1) << (i % 80)
    return total


def right(count):
    total = 0
    n = -9223372036854775808
    for i in range(count):
        total += (n >> (i % 90)) + ((i * 12345678901) >> (i % 70))
    return total


print(left(2000))
print(right(2000))


def mixed(count):
    a = 1
    seen = set()
    for i in range(count):
        a = (a << 3) ^ (a >> 2) ^ i
        a &= (1 << 40) - 1
        seen.add(a & 255)
    return a, len(seen)


print(mixed(3000))


def failing(count):
    try:
        for i in range(count):
            1 << (count // 2 - i)
    except ValueError as error:
        return i, str(error)


print(failing(2000))
print(-1 >> 1000, 1 >> 64, -5 >> 1, 0 << 1000, 1 << 63, -1 << 63, 1 << 64)
