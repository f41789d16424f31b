"""Loops that work on big ints all the time, and loops that only end in them."""

# expect-stdout:
#   2880067194370816120 12200160415121876738 222232244629420445529739893461909967206666939096499764990979600
#   141828449
#   2448
#   (-42550948053788970455, 1791)
#   (1000000000000000000000000000000, 106)


def fibonacci(count):
    a, b = 0, 1
    for _ in range(count):
        a, b = b, a + b
    return a


print(fibonacci(90), fibonacci(93), fibonacci(300))
print(fibonacci(2000) % 1000000007)


def digits(count):
    n = 1
    for i in range(1, count):
        n *= i
    total = 0
    while n:
        n, digit = divmod(n, 10)
        total += digit
    return total


print(digits(300))


def mixture(count):
    values = [1, 1 << 65, -3, -(1 << 66), 7]
    total = 0
    signs = 0
    for i in range(count):
        v = values[i % 5]
        total += v // (i + 1) + v % 97
        if v > total:
            signs += 1
        elif v < 0:
            signs -= 1
    return total, signs


print(mixture(3000))


def root(n):
    x = n
    steps = 0
    while True:
        y = (x + n // x) // 2
        steps += 1
        if y >= x:
            return x, steps
        x = y


for _ in range(30):
    found = root(10**60 + 12345)
print(found)
