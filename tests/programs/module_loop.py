"""Loops at module level, whose variables live in the module's dict."""

# expect-stdout:
#   43500 2999 0
#   0x1.27cea4f392823p+332 2416
#   6789
#   26 (40, 42, 58) 59 59
#   70000
#   100188230

total = 0
for number in range(3000):
    rest = number
    while rest > 0:
        total += rest % 10
        rest //= 10
print(total, number, rest)

x = 1.0
count = 0
while x < 1e100:
    x *= 1.1
    count += 1
else:
    print(x.hex(), count)

value = 0
for step in range(3000):
    if step == 1000:
        value = value + 0.5
    elif step == 2000:
        value = str(value)
    if isinstance(value, str):
        value = value[-3:] + str(step % 10)
    else:
        value = value + 1
print(value)

found = []
for a in range(1, 60):
    for b in range(a, 60):
        c = (a * a + b * b) ** 0.5
        if c == int(c):
            found.append((a, b, int(c)))
            continue
        if b > 50:
            break
print(len(found), found[-1], a, b)

names = 0
for index in range(2500):
    names += len(globals()["found"]) + ("total" in globals()) + (globals()["index"] == index)
print(names)
big = 1
for i in range(2000):
    big = big * 3 + i
    if i % 100 == 99:
        big = big % 1000000007
print(big)
