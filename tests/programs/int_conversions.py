"""int(), float(), bool(), round(), str() and their failures in hot loops."""

# expect-stdout:
#   9000929
#   -4995
#   [('OverflowError', 400), ('TypeError', 400), ('ValueError', 1000), ('fine', 2200)]
#   1000000000000000000 -1000000000000000000 10000000000000000000 9223372036854774784 -9300000000000000000
#   [0, 2, 2, 0, -2] 2.67 12300 10000000000000000000000


def convert(count):
    total = 0
    for i in range(count):
        x = (i - count // 2) * 0.37
        total += int(x) + round(x) + int(float(i)) + bool(x) + int(str(i)) - int(x // 1)
    return total


print(convert(3000))


def halves(count):
    total = 0
    for i in range(-count, count):
        total += round(i / 2) * (i % 7)
    return total


print(halves(2000))


def failures(count):
    seen = {}
    values = ["12", "x", 1e300, float("nan"), float("inf"), None, "0x10", b"7", 10**400, "  5  "]
    for i in range(count):
        for convert in (int, float):
            value = values[i % 10]
            try:
                convert(value)
                key = "fine"
            except (ValueError, TypeError, OverflowError) as error:
                key = type(error).__name__
            seen[key] = seen.get(key, 0) + 1
    return sorted(seen.items())


print(failures(2000))
print(int(1e18), int(-1e18), int(1e19), int(9.223372036854775e18), int(-9.3e18))
print([round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5)], round(2.675, 2), round(12345, -2), round(1e22))
