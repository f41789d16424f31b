"""What recursive functions take and return: one type, several, none; ints that grow, floats, objects, containers."""

# expect-stdout:
#   [51.0, 51.0, 36, 55.5, 55.5, 39]
#   (20.0, 6402373705728000, 1.999979019165039, 1.9999804496765137)
#   265252859812191058636308480000000
#   (False, '1234567890123456789012345', 820, 420, 95, 6.5)
#   103 5 1548008755920 247
#   [5, 4, 3, 2, 1, -1, -2, -3, -4, -5]
#   46.0
#   91 [6, 5, 4, 3, 2, 1]
#   [4, 4, 4, 4]


def mixed(n):
    if n % 3 == 0:
        return n
    if n % 3 == 1:
        return n * 1.5
    return None if n > 100 else mixed(n - 1)


print([mixed(k % 120) for k in range(1000)][-6:])


def half(n):
    return 0 if n == 0 else 0.5 + half(n - 1)


def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)


def mean(n, so_far):
    return so_far if n == 0 else mean(n - 1, (so_far + n) / 2)


for _ in range(200):
    result = half(40), factorial(18), mean(20, 0), mean(20, 1.5)
print(result)
for _ in range(200):
    result = factorial(30)
print(result)


def parity(n):
    return True if n == 0 else not parity(n - 1)


def text(n):
    return "" if n == 0 else text(n - 1) + str(n % 10)


def sums(n, *, step=1, total=0):
    return total if n <= 0 else sums(n - step, total=total + n, step=step)


def default(n, a=3):
    return a if n == 0 else default(n - 1) + a


def star(*args):
    return 0 if not args else args[0] + star(*args[1:])


for _ in range(100):
    result = parity(31), text(25), sums(40), sums(40, step=2), default(30, 5), star(1, 2.5, 3)
print(result)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def tak(x, y, z):
    return z if y >= x else tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def memo(n, known):
    if n in known:
        return known[n]
    value = n if n < 2 else memo(n - 1, known) + memo(n - 2, known)
    known[n] = value
    return value


def tree(depth):
    return None if depth == 0 else (tree(depth - 1), depth, tree(depth - 1))


def total(node):
    return 0 if node is None else total(node[0]) + node[1] + total(node[2])


print(ackermann(2, 50), tak(12, 8, 4), [memo(60, {}) for _ in range(20)][-1], [total(tree(7)) for _ in range(10)][-1])


def visit(n, out):
    if n == 0:
        return
    out.append(n)
    visit(n - 1, out)
    out.append(-n)


for _ in range(100):
    out = []
    visit(5, out)
print(out)


def many(a, b, c, d, e, f, g, h, n):
    return a + b + c + d + e + f + g + h if n == 0 else many(b, c, d, e, f, g, h, a + 0.5, n - 1)


print([many(1, 2, 3.0, 4, 5.0, 6, 7, 8, 20) for _ in range(60)][-1])


def opaque(n):
    if n % 7 == 0:
        print(end="")
    return 0 if n == 0 else opaque(n - 1) + len(str(n))


def generated(n):
    if n:
        yield n
        yield from generated(n - 1)


print([opaque(50) for _ in range(60)][-1], [list(generated(6)) for _ in range(60)][-1])


def queens(n, row=0, columns=0, up=0, down=0):
    if row == n:
        return 1
    found = 0
    for c in range(n):
        if columns >> c & 1 or up >> (row + c) & 1 or down >> (row - c + n) & 1:
            continue
        found += queens(n, row + 1, columns | 1 << c, up | 1 << (row + c), down | 1 << (row - c + n))
    return found


print([queens(6) for _ in range(4)])
