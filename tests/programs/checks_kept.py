"""Sums that are too large for 64 bits, of which everything else is known: whether they are has to be asked all the same."""

# expect-stdout:
#   1 1 2
#   500 2001
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"sums"...


def sums(times):
    a, b = 2, 1
    for _ in range(times):
        b ^= (2 >> a) + 9223372036854775807
        c = a
        a += a << (b - a & 3)
        if not 1 < a < 62:
            a = 1
    return c, b, a


def above(numbers):
    """`n + limit` is limit, or larger than 64 bits say."""
    limit = 9223372036854775807
    count = total = 0
    for n in numbers:
        if n >= 0:
            more = n + limit
            total += 1
            if more - limit > 0:
                count += 1
    return count, total


print(*sums(2000))
print(*above([0] * 1000 + [1, 0] * 500 + [0]))
