"""Float sums bit by bit: the order of operations and each rounding are those of the interpreter."""

# expect-stdout:
#   0x1.1be0619f3b22fp+3
#   ('0x1.c633cf652b6cbp-1', '-0x1.cc58000000000p-55')
#   0x1.1c52f452a5eb9p+6
#   0x0.0p+0
#   ('0x1.b74e800000000p+18', '0x1.b74e800000000p+18')
#   (8999, '0x0.0000000000031p-1022')


def harmonic(count):
    total = 0.0
    for k in range(1, count):
        total += 1.0 / k
    return total.hex()


def compensated(count):
    total = 0.0
    lost = 0.0
    for k in range(1, count):
        y = 0.1 / k - lost
        t = total + y
        lost = (t - total) - y
        total = t
    return total.hex(), lost.hex()


def polynomial(count):
    out = 0.0
    for i in range(count):
        x = i / count
        out = ((x * 1.1 + out) * x - 0.3) * x + 0.7
    return out.hex()


def no_fused(count):
    total = 0.0
    for i in range(1, count):
        a = 1.0 + i * 2.0**-52
        total += a * a - (1.0 + i * 2.0**-51)
    return total.hex()


def associativity(count):
    a = b = 0.0
    for i in range(count):
        x = 0.1 * i
        a = a + (x + 1e16) - 1e16
        b = b + (x + (1e16 - 1e16))
    return a.hex(), b.hex()


def subnormal(count):
    x = 1e-300
    for i in range(count):
        x *= 0.99
        if x == 0.0:
            break
    return i, x.hex()


print(harmonic(4000))
print(compensated(4000))
print(polynomial(3000))
print(no_fused(3000))
print(associativity(3000))
print(subnormal(9000))
