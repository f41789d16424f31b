"""Calls with star-arguments, many arguments, keywords, bound methods; formatting and joining of text."""

# expect-stdout:
#   1088702.0
#   286350
#   (320400, 400)
#   (19010, ["0: 0.00 'a' a     0|True None 0.0", 'a0', "150: 37.50 'a' a   150|True None 37.5", 'a150', "300: 75.00 'a' a   300|True None 75.0", 'a300', "450: 112.50 'a' a   450|True None 112.5", 'a450'])
#   (733, [1, 'two', 'missing', 1, 'two', 1], ['two', 1, 'two'])
#   -348643462993110525452700
#   (1365, "weigh() missing 2 required positional arguments: 'a' and 'b'")
# expect-event: ..."kind":"loop"...


def weigh(a, b, c=3, *rest, scale=1):
    return (a + b * c) * scale + len(rest)


def spread(n):
    rows = [(1, 2), (1, 2, 4), (2.5, 1, 2, 7, 8)]
    total = 0
    for i in range(n):
        total += weigh(*rows[i % 3])
        total += weigh(i, *rows[0])
        pair = (i, 2)
        total += weigh(*pair)
        total += weigh(*[1, i])
        total += max(*pair) + min(i, *rows[1])
    return total


print(spread(600))


def many(n):
    def inner(a, b, c, d, e, f, *rest, key=0, **more):
        return a + f + key + len(rest) + len(more)

    total = 0
    for i in range(n):
        total += inner(i, 2, 3, 4, 5, 6)
        total += inner(i, 2, 3, 4, 5, 6, 7, key=i)
        total += inner(1, 2, 3, 4, 5, 6, other=i, key=2)
        total += inner(a=1, b=2, c=3, d=4, e=5, f=i)
        total += int(str(i), base=16)
    return total


print(many(300))


class Box:
    def __init__(self, by):
        self.by = by

    def times(self, x, plus=0):
        return x * self.by + plus


def bound(n):
    f = Box(3).times
    xs = []
    push = xs.append
    total = 0
    for i in range(n):
        total += f(i) + f(1, plus=i)
        push(i)
    return total, len(xs)


print(bound(400))


def shown(n):
    out = []
    size = 0
    for i in range(n):
        x = i / 4
        name = "ab"[i % 2]
        line = f"{i}: {x:.2f} {name!r} {name} {i:>5}|{i % 2 == 0} {None} {x!s}"
        size += len(line)
        text = f"{name}{i}"
        if i % 150 == 0:
            out.append(line)
            out.append(text)
    return size, out


print(shown(500))


def raises(n):
    got = []
    table = {"a": 1, 2: "two"}
    for i in range(n):
        try:
            for k in ["a", 2, "a" if i % 3 else "missing", 2]:
                got.append(table[k])
        except KeyError as error:
            got.append(error.args[0])
    return len(got), got[:6], got[-3:]


print(raises(200))


def signs(n):
    big = 1 << 70
    total = 0
    for i in range(n):
        total += -big + i
        total -= -(1 << 64)
        total += +i
        assert total < 0, "never"
    return total


print(signs(300))


def spread_raises(n):
    calls = 0
    try:
        for i in range(n):
            args = (1, 2) if i < n - 5 else ()
            calls += weigh(*args)
    except TypeError as error:
        return calls, str(error)


print(spread_raises(200))
