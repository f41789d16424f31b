"""Reference counts after loops over containers, bound methods, slices and iterators: nothing is kept, nothing lost."""

# expect-stdout:
#   (4, 4, 33) (4, 4, 2000) (4, 4, 20) (4, 4, 3333)
#   ((2, 3), (2, 3)) ((2, 3), (2, 3))
#   (4, 4) (4, 4)
# expect-event: ..."kind":"loop"...

import sys
def f(n, use):
    xs = []
    add, pop = xs.append, xs.pop
    before = sys.getrefcount(xs)
    for i in range(n):
        add(i)
        if i % 3 == 0:
            pop(0)
    return before, sys.getrefcount(xs), len(xs)
print(f(50, 1), f(3000, 1), f(30, 1), f(5000, 1))
def g(n):
    d = {}
    key = ("a", 1)
    val = object()
    r = sys.getrefcount(val), sys.getrefcount(key)
    for i in range(n):
        d[key] = val
        d[i % 5, "x"] = val
        x = d[key]
        y = d.get((i % 7, "x"), val)
        s = {key, i}
        s.add(key); s.discard(i)
        for a, b in d.items():
            z = b
    del x, y, z, d, s, a, b
    return r, (sys.getrefcount(val), sys.getrefcount(key))
print(g(50), g(900))
def h(n):
    o = object()
    xs = [o, 1, o]
    before = sys.getrefcount(o)
    for i in range(n):
        a, *b = xs
        c = xs[1:]
        xs[0:1] = [o]
        t = tuple(xs); u = list(t)
        for q in reversed(u): pass
        for q in iter(t): pass
    del a, b, c, t, u, q
    return before, sys.getrefcount(o)
print(h(50), h(2000))
