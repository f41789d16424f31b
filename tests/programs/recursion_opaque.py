"""Recursive functions that call natives which call back: the frames of compiled functions tell the truth, and errors pass."""

# expect-stdout:
#   3712 518
#   [('tree', 5, (('depth', 1), ('label', 74))), ('tree', 3, (('depth', 2), ('label', 37))), ('tree', 4, (('depth', 3), ('label', 18))), ('tree', 3, (('depth', 4), ('label', 9))), ('tree', 4, (('depth', 5), ('label', 4))), ('tree', 3, (('depth', 6), ('label', 2))), ('tree', 3, (('depth', 7), ('label', 1)))]
#   [('tree', 5, (('depth', 4), ('label', 65))), ('tree', 4, (('depth', 5), ('label', 32))), ('tree', 3, (('depth', 6), ('label', 16))), ('tree', 3, (('depth', 7), ('label', 8)))]
#   [('tree', 5, (('depth', 1), ('label', 999))), ('tree', 4, (('depth', 2), ('label', 499))), ('tree', 4, (('depth', 3), ('label', 249))), ('tree', 4, (('depth', 4), ('label', 124))), ('tree', 3, (('depth', 5), ('label', 62))), ('tree', 3, (('depth', 6), ('label', 31))), ('tree', 4, (('depth', 7), ('label', 15)))]
#   [('tree', 5, (('depth', 4), ('label', 181))), ('tree', 4, (('depth', 5), ('label', 90))), ('tree', 3, (('depth', 6), ('label', 45))), ('tree', 4, (('depth', 7), ('label', 22)))]
#   [('tree', 5, (('depth', 7), ('label', 29)))]
#   [11135, 54502, 97869]
#   (76633, 36, ("invalid literal for int() with base 10: 'x'", [('risky', 2)])) 800
#   (570, 'too deep')

import functools
import sys
import traceback


def callers(skip):
    """Names, lines and small locals of the frames below `skip`, innermost first, down to the module."""
    found = []
    frame = sys._getframe(skip)
    while frame is not None and frame.f_code.co_name != "<module>":
        here = {k: v for k, v in sorted(frame.f_locals.items()) if isinstance(v, (int, str))}
        found.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, tuple(here.items())))
        frame = frame.f_back
    return found


class Probe:
    seen = []

    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        if self.n % 50 == 49 and other.n % 50 == 48:
            Probe.seen.append(callers(2))
        return self.n < other.n


def tree(depth, label):
    if depth == 0:
        return [Probe(label)]
    left = tree(depth - 1, 2 * label)
    right = tree(depth - 1, 2 * label + 1)
    return sorted(left + right)


def fold(depth, seed):
    if depth == 0:
        return seed
    inner = fold(depth - 1, seed + depth)
    return functools.reduce(lambda a, b: (a * 31 + b) % 100003, [inner, depth, seed])


def risky(depth, n):
    if depth == 0:
        return list(map(int, [str(n), "7" if n % 11 else "x"]))
    try:
        return risky(depth - 1, n + depth)
    finally:
        risky.passed += 1


def deep(n):
    return 0 if n == 0 else 1 + max(map(deep, [n - 1]))


def total(n):
    lines = 0
    failed = []
    for k in range(n):
        try:
            lines += sum(risky(k % 5, k))
        except ValueError as error:
            names = [(e.name, e.lineno - risky.__code__.co_firstlineno) for e in traceback.extract_tb(error.__traceback__)]
            failed.append((str(error), names[1:]))
    return lines, len(failed), failed[-1]


def depths():
    found = []
    for k in range(60):
        try:
            found.append(deep(k % 20))
        except RecursionError:
            found.append(-1)
    try:
        deep(10**6)
    except RecursionError:
        found.append("too deep")
    return sum(f for f in found if f != "too deep"), found[-1]


risky.passed = 0
sizes = [len(tree(7, k)) for k in range(1, 30)]
print(sum(sizes), len(Probe.seen))
for entry in Probe.seen[:: max(1, len(Probe.seen) // 4)]:
    print(entry)
print([fold(8, k) for k in range(500)][-3:])
print(total(400), risky.passed)
print(depths())
