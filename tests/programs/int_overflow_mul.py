"""Products that overflow 64 bits, at first never and then always; squares and negations at the edges."""

# expect-stdout:
#   2 0
#   3 0
#   -2 0
#   -3 0
#   10 0
#   (999, 9223378098854244004)
#   (1000, 9223365963000250000)
#   12138892365635114745


def power_sum(base, count):
    value = 1
    total = 0
    for i in range(count):
        value = value * base
        if i % 70 == 69:
            value = 1
        total ^= value
    return total


for base in (2, 3, -2, -3, 10):
    print(base, power_sum(base, 2100))


def squares(start, count):
    out = 0
    n = start
    for _ in range(count):
        square = n * n
        if square > 9223372036854775807:
            out += 1
        n += 1
    return out, square


print(squares(3037000499 - 1000, 2000))
print(squares(-3037000499 - 1000, 2000))


def lcg(count):
    state = 1
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 18446744073709551616
    return state


print(lcg(3000))
