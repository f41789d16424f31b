"""Nine parameters that may each be None: hundreds of ways through one loop body."""

# expect-stdout:
#   0x1.abba5574ac6c2p+13
#   0x1.abba5574ac6c2p+13 0x1.b580000000000p+12 0x1.3880000000000p+10


def score(a=None, b=None, c=None, d=None, e=None, f=None, g=None, h=None, i=None):
    if a is None:
        a = 10
    if b is None:
        b = 0.5
    if c is None:
        c = 2
    if d is None:
        d = 1.5
    if e is None:
        e = 12
    if f is None:
        f = -0.25
    if g is None:
        g = 3
    if h is None:
        h = 0.75
    if i is None:
        i = 4
    line = a * b + c
    if line < d:
        line = d
    if line > e:
        line = e
    other = g * f + h
    if other < 0:
        other = -other
    if i > 0.5:
        other = other * i
    return line + other


def table(count):
    state = 12345
    rows = []
    for _ in range(count):
        row = []
        for _ in range(9):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(None if state & 65536 else state / 2147483648)
        rows.append(tuple(row))
    return rows


def run(rows):
    total = 0.0
    for row in rows:
        total += score(*row)
    return total.hex()


rows = table(3000)
print(run(rows))
print(run(rows), run([(None,) * 9] * 1000), run([(0.5,) * 9] * 1000))
