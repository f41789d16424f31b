"""Loops that run long enough to be hot with the thresholds that nobody has set."""

# expect-stdout:
#   (599950000, 299995000.0)
#   3557575
#   144
#   199986
# options:


def numbers(count):
    total = 0
    x = 0.0
    for i in range(count):
        if i % 3 == 0:
            total += i
        elif i % 3 == 1:
            x += i * 0.5
        else:
            total -= 1
        if total > 10**9:
            total -= 10**9
    return total, x


def nested(n):
    total = 0
    for i in range(n):
        for j in range(i):
            if (i ^ j) & 1:
                total += j
    return total


def calls(count):
    def half(n):
        return n // 2 if n % 2 == 0 else 3 * n + 1

    best = 0
    for start in range(1, count):
        n = start
        steps = 0
        while n > 1:
            n = half(n)
            steps += 1
        best = max(best, steps)
    return best


print(numbers(60000))
print(nested(350))
print(calls(700))
total = 0
for i in range(40000):
    total += i % 11
print(total)
