"""Comparisons with the ends of 64 bits, of sums that lie within them when a bridge is recorded and outside later."""

# expect-stdout:
#   (-9223372036854777308, 1500, 0)
#   (9223372036854777307, 0, 1500)
#   (-9223372036854777308, 1500, 0)


def count(start, step, rounds):
    total = start
    below = above = 0
    for _ in range(rounds):
        total += step
        if total > 9223372036854775807:
            above += 1
        elif total < -9223372036854775808:
            below += 1
    return total, below, above


def big_first(start, step, rounds):
    # The loop is recorded with an object for the sum, and compared as such.
    count(1 << 70, 1, 200)
    return count(start, step, rounds)


print(big_first(-9223372036854775808 + 1500, -1, 3000))
print(big_first(9223372036854775807 - 1500, 1, 3000))
print(big_first(-9223372036854775808 + 1500, -1, 3000))
