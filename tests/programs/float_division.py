"""Floor division, modulo and divmod of floats, with every combination of signs."""

# expect-stdout:
#   ('-0x1.5ba6666666661p+7', 0)
#   0x1.70b4d80000000p+21
#   (2.0, 1.5) (-3.0, -0.5) (54.0, 0.0999999999999997) (-1.0, -1e+308) (1.0, 2.5)
#   (-3.0, 0.5) (2.0, -1.5) (-55.0, 3.0531133177191805e-16) (0.0, -5.5) (-2.0, 0.5)
#   (0.0, 0.0) (-0.0, -0.0) (0.0, 0.0) (-0.0, -0.0) (0.0, 0.0)
#   (-0.0, 0.0) (0.0, -0.0) (-0.0, 0.0) (0.0, -0.0) (-0.0, 0.0)
#   (5e+307, 0.0) (-5e+307, -0.0) (inf, 0.06093288384329992) (-1.0, -0.0) (3.333333333333333e+307, 2.0)
#   (1.0, 1.0) (-2.0, -1.0) (29.0, 0.09999999999999984) (-1.0, -1e+308) (1, 0)


def table(count):
    total = 0.0
    wrong = 0
    for i in range(count):
        a = (i - count // 2) * 0.3
        b = (i % 11 - 5) * 0.7
        if b == 0.0:
            continue
        q = a // b
        r = a % b
        total += q * 0.125 + r
        if (q, r) != divmod(a, b):
            wrong += 1
        if r != 0.0 and (r < 0.0) != (b < 0.0):
            wrong += 1
    return total.hex(), wrong


print(table(4000))


def mixed(count):
    total = 0.0
    for i in range(count):
        total += i % 2.5 + i // 1.5 + 7.5 % (i + 1) + -7.5 // (i + 1)
    return total.hex()


print(mixed(3000))
for a in (5.5, -5.5, 0.0, -0.0, 1e308, 3):
    print(*((a // b, a % b) for b in (2.0, -2.0, 0.1, -1e308, 3)))
