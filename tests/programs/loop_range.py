"""range with any start, stop and step; empty ones; beyond 64 bits; the loop variable afterwards."""

# expect-stdout:
#   0 3000 1 -> 3000 4498500 2999
#   3000 0 -1 -> 3000 4501500 1
#   0 3000 7 -> 429 642642 2996
#   3001 -1 -13 -> 231 347886 11
#   5 5 1 -> 0 0 unset
#   5 4 1 -> 0 0 unset
#   4 5 -1 -> 0 0 unset
#   -1500 1500 2 -> 1500 -1500 1498
#   0 1 1000000000000000000 -> 1 0 0
#   9223372036854773807 9223372036854775807 1 -> 2000 18446744073709549613000 9223372036854775806
#   9223372036854773807 9223372036854777807 3 -> 1334 12303978297164270925871 9223372036854777806
#   -9223372036854773808 -9223372036854777808 -1 -> 4000 -36893488147419103230000 -9223372036854777807
#   1180591620717411303424 1180591620717411305424 1 -> 2000 2361183241434822608847000 1180591620717411305423
#   0 1208925819614629174706176 590295810358705651712 -> 2048 1237335576375572960311771136 1208335523804270469054464
#   range() arg 3 must not be zero
#   (2009000, 5)
#   (2000, 0, 1999)
#   173565
#   10500


def total(start, stop, step):
    count = 0
    s = 0
    last = "unset"
    for i in range(start, stop, step):
        count += 1
        s += i
        last = i
    return count, s, last


for arguments in (
    (0, 3000, 1),
    (3000, 0, -1),
    (0, 3000, 7),
    (3001, -1, -13),
    (5, 5, 1),
    (5, 4, 1),
    (4, 5, -1),
    (-1500, 1500, 2),
    (0, 1, 10**18),
    (9223372036854775807 - 2000, 9223372036854775807, 1),
    (9223372036854775807 - 2000, 9223372036854775807 + 2000, 3),
    (-9223372036854775808 + 2000, -9223372036854775808 - 2000, -1),
    (1 << 70, (1 << 70) + 2000, 1),
    (0, 1 << 80, 1 << 69),
):
    print(*arguments, "->", *total(*arguments))
try:
    total(0, 10, 0)
except ValueError as error:
    print(error)


def variable_changed(count):
    seen = 0
    for i in range(count):
        seen += i
        i = 5
        seen += i
    return seen, i


print(variable_changed(2000))


def bound_changed(n):
    turns = 0
    for i in range(n):
        n -= 1
        turns += 1
    return turns, n, i


print(bound_changed(2000))


def triangle(n):
    s = 0
    for i in range(n):
        for j in range(i):
            for k in range(j, i, 3):
                s += k - j
    return s


print(triangle(60))


def of_subclass(count):
    class N(int):
        def __index__(self):
            return 3

    s = 0
    for _ in range(count):
        for i in range(N(7)):
            s += i
    return s


print(of_subclass(500))
