"""A bridge gives up an object that the loop's preheader has looked into; its own exits must not hand it over again."""

# modes: off on stress
# options: --threshold-loop 12 --threshold-exit 4
# expect-stdout:
#   (2, 255)

def main(p0, p1):
    i1 = 3
    i2 = 1
    i3 = 4611686018427387904
    i4 = 1
    l7 = [1, 1, 7, 7, 0, 0, -2]
    t8 = ((65536 + l7[i3 % len(l7)]) * (i1 | 7), i4 + i4 * i4)
    for k9 in range(1, 764, 7):
        if not p0 <= t8[-2]:
            i3, i2 = (i2, i3)
            t8 = ((l7[0] * 255 + (10 & i4)) % 1009, p0)
        i3, p0 = (p0, i3)
        p0 += (5 >> (1 & 63)) - (5 | i1)
        i1 *= p0
        if not -(1 << 90) < i1 < 1 << 90:
            i1 = i1 % -1000003
    return len(t8), t8[0] % 1009


main(7, 1000000.0)
main(1, 1000000.0)
main(1, 1.0)
print(main(2, 3))
