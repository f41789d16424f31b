"""Complex numbers, which nothing compiles: they have to be right all the same, mixed with ints and floats."""

# expect-stdout:
#   [0, 0, 300, 0, 0, 1, 2, 300, 2, 1, 2, 4, 300, 4, 2, 3, 300, 300, 300, 3, 300, 300, 300, 300, 300, 1, 4, 4, 4, 1]
#   (750000+499000j)
#   (1500, True, True)


def escape(c, limit):
    z = 0j
    for n in range(limit):
        z = z * z + c
        if abs(z) > 2:
            return n
    return limit


print([escape(complex(x / 10, y / 10), 300) for x in range(-20, 6, 5) for y in range(-10, 11, 5)])


def mixed(count):
    total = 0
    for i in range(count):
        if i % 2:
            total += i
        elif i % 4 == 0:
            total += i * 1j
        else:
            total -= i * 0.5
    return total


print(mixed(2000))


def comparison(count):
    failures = 0
    for i in range(count):
        try:
            if 1j * i < i:
                failures += 1000000
        except TypeError:
            failures += 1
    return failures, 1j == 1j, 2 + 0j == 2


print(comparison(1500))
