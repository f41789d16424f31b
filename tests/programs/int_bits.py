"""And, or, xor and invert on positive, negative and big ints that take turns."""

# expect-stdout:
#   70835497243044680797890
#   0
#   -141670994486089354189980
#   -3705900
#   10864
#   ('good', 1064)


def turns(count):
    values = (0, 1, -1, 255, -256, 0x7FFFFFFFFFFFFFFF, -0x8000000000000000, 1 << 70, -(1 << 70), 12345)
    a = b = c = d = 0
    for i in range(count):
        x = values[i % 10]
        y = values[(i // 10) % 10]
        a += x & y
        b ^= x | y
        c += x ^ y
        d += ~x
    return a, b, c, d


for result in turns(3000):
    print(result)


def popcount(limit):
    total = 0
    for n in range(limit):
        while n:
            n &= n - 1
            total += 1
    return total


print(popcount(2000))


def gray(limit):
    last = None
    for n in range(limit):
        code = n ^ (n >> 1)
        if last is not None and (code ^ last).bit_count() != 1:
            return "broken", n
        last = code
    return "good", last


print(gray(2000))
