"""Slices: read, with steps, stored, deleted; unpacking with a star; bytearrays and arrays; sizes that do not fit."""

# expect-stdout:
#   (38942, 'dlröw olléh', True, True)
#   ([0, 0, 0, 0, 1, 0, 5, 0, 1, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 0, 1], 6)
#   11000 (b',3\xa0\xa2\xa4\xa6\xa8\xaa\xac\xae\xb1xyz', [529, 530, 590, 556, 518, 608, 700, 660, 555, 645], 29246, 13)
#   ('59-b-19.673b  59|59|8.429', 1464) (789, [3, 4]) [0, 58, 116, 0, 118]
# expect-event: ..."kind":"loop"...

from array import array


def reading(n):
    xs, t, s, b = list(range(20)), tuple(range(9)), "héllo wörld", b"bytes here"
    out = 0
    for i in range(n):
        k = i % 8 - 3
        out += sum(xs[k:]) + sum(xs[:k]) + sum(xs[k::2]) + sum(xs[::-1]) + sum(t[k:k + 3]) + len(s[k:]) + len(b[1:k])
        out += ord(s[k]) + len("plain ascii"[2:k]) + sum(xs[-100:100:3])
    return out, s[::-1], t[:] == t, "abc"[1:1] == ""


def storing(n):
    xs = list(range(12))
    bad = 0
    for i in range(n):
        xs[1:3] = [i, i + 1]
        xs[:2] = (i,)
        xs[3:3] = range(2)
        xs[i % 4 + 2:] = reversed(xs[i % 4 + 2:])
        xs[::2] = [0] * len(xs[::2])
        try:
            xs[::3] = [1, 2] if i % 10 == 9 else [5] * len(xs[::3])
        except ValueError:
            bad += 1
        del xs[-1], xs[1:2]
        xs += range(2)
    return xs, bad


def stars(n):
    t = 0
    for i in range(n):
        first, *rest = [i, i + 1, i + 2]
        *init, last = (i, 1, 2, 3)
        a, *mid, z = "x" * 0 + "ab", *rest, i
        t += first + len(rest) + len(init) + last + len(mid) + z
        d = {"a": i, **{"b": i}}
        s = {*rest, i}
        t += d["b"] + len(s) + len([*s, *init])
    return t


def buffers(n):
    b, a, t = bytearray(b"hello world"), array("i", range(10)), 0
    bad = 0
    for i in range(n):
        b[i % 11] = (b[i % 11] * 3 + i) & 127
        b[-1] ^= 1
        a[i % 10] = a[i % 10] + b[3]
        t += a[-1] + b"abc"[i % 3] + len(b[2:5])
        try:
            b[i % 13] = i * 2
        except (IndexError, ValueError):
            bad += 1
    b += b"xyz"
    return bytes(b), a.tolist(), t, bad


def formats(n):
    out = []
    for i in range(n):
        out.append("%d-%s-%5.2f" % (i, "ab"[i % 2], i / 3) + "%x" % i + f"{i:>4}|{i!r}|{i / 7:.3f}")
    return out[-1], len("".join(out))


def set_operators(n):
    a, b, t = {1, 2, 3}, frozenset((2, 3, 4)), 0
    for i in range(n):
        t += len(a & b) + len(a | b) * 2 + len(a - b) + len(a ^ b)
        a |= {i % 5}
        a -= {i % 3}
        if a <= b or a.issubset(b) or a.isdisjoint(b):
            t += 1
    return t, sorted(a)


def leaving(n):
    """A variable of the function is bound by a comprehension in the loop, and unbound again."""
    out = []
    for i in range(n):
        for j in range(3):
            out.append(i * j)
        evens = [x for x in out if x % 2 == 0]
        out = evens[-5:]
    try:
        x
    except NameError:
        return out
    return x


print(reading(60))
print(storing(60))
print(stars(80), buffers(90))
print(formats(60), set_operators(70), leaving(60))
