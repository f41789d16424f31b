"""Functions and modules that share their code, and look up names in different places."""

# expect-stdout:
#   5000 500000
#   5000 500000
#   5000 500000
#   12502500 12997500 12502500 12997500
#   12502500 12997500 12502500 12997500
#   4000
#   8000
#   12000
#   4000
#   20000
#   ['K', 'i', 't'] 20000 20000
#   28000
#   ['K', 'i', 't'] 20000 28000
#   20000
#   ['K', 'i', 't'] 20000 20000
#   28000
#   ['K', 'i', 't'] 20000 28000

import builtins
import types

K = 1


def f(n):
    t = 0
    for i in range(n):
        t += K
    return t


def h(x):
    return x + K


g = types.FunctionType(f.__code__, {"K": 100, "__builtins__": builtins})
h2 = types.FunctionType(h.__code__, {"K": 100, "__builtins__": builtins})
for _ in range(3):
    print(f(5000), g(5000))


def m(fn, n):
    s = 0
    for i in range(n):
        s += fn(i)
    return s


print(m(h, 5000), m(h2, 5000), m(h, 5000), m(h2, 5000))
print(sum(map(h, range(5000))), sum(map(h2, range(5000))), sum(map(h, range(5000))), sum(map(h2, range(5000))))
src = compile("t = 0\nfor i in range(4000):\n    t += K\nprint(t)", "<s>", "exec")
for k in (1, 2, 3, 1):
    exec(src, {"K": k})
d = {"K": 5}
for k in range(4):
    names = {"K": 7} if k % 2 else d
    exec(src, d, names)
    print(sorted(x for x in names if x in "Kti"), d.get("t"), names.get("t"))
