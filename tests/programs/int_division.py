"""Floor division and modulo with every combination of signs, in the same hot loop."""

# expect-stdout:
#   (-161619, 10905456, 0)
#   52971342
#   -4 1 -4 -1 3 -1


def check(limit):
    quotients = 0
    remainders = 0
    wrong = 0
    for a in range(-limit, limit + 1):
        for b in (-7, -3, -2, -1, 1, 2, 3, 7, limit):
            q = a // b
            r = a % b
            quotients += q * (b + 1)
            remainders += r * (a + 2)
            if q * b + r != a or (b > 0 and not 0 <= r < b) or (b < 0 and not b < r <= 0):
                wrong += 1
    return quotients, remainders, wrong


print(check(400))


def by_variable(count):
    total = 0
    d = -40
    for n in range(-count, count):
        d += 1
        if d > 40:
            d = -40
        if d == 0:
            continue
        pair = divmod(n, d)
        total = (total * 31 + pair[0] * 7 + pair[1]) % 1000000007
    return total


print(by_variable(3000))
print(-7 // 2, -7 % 2, 7 // -2, 7 % -2, -7 // -2, -7 % -2)
