"""A loop body of thousands of operations, longer than any trace may be, and a loop with thousands of branches."""

# expect-stdout:
#   (953, 1634, 1504.1858666176454)
#   127797
#   24008

lines = ["def long(count):", "    a, b, c = 1, 2, 3.0", "    for i in range(count):"]
for k in range(1500):
    lines.append("        a = (b + i * %d) %% 1009; b = a ^ %d; c = c * 0.5 + a" % (k + 1, k))
lines.append("    return a, b, c")
space = {}
exec("\n".join(lines), space)
print(space["long"](120))

lines = ["def branchy(count):", "    total = 0", "    for i in range(count):"]
for k in range(400):
    lines.append("        if i %% %d == %d: total += %d" % (k + 2, k % (k + 2), k))
lines.append("    return total")
exec("\n".join(lines), space)
print(space["branchy"](400))


def ladder(count):
    total = 0
    for i in range(count):
        n = i % 12
        if n == 0:
            total += 1
        elif n == 1:
            total += 20
        elif n == 2:
            total -= 3
        elif n == 3:
            total *= 2
        elif n == 4:
            total //= 2
        elif n == 5:
            total ^= 5
        elif n == 6:
            total += 60.0 == 60
        elif n == 7:
            total |= 8
        elif n == 8:
            total -= 1
        elif n == 9:
            continue
        elif n == 10:
            total %= 1000003
        else:
            total += n
    return total


print(ladder(4000))
