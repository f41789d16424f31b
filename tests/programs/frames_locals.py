"""locals(), sys._getframe and f_locals look into a frame whose loop is hot: they see current values."""

# expect-stdout:
#   (['count', 'i', 'names', 'total'], 1999000)
#   ('current', 1999, 1000.0)
#   (1902, True, 'text', 1900, True)
#   {406: 500, 410: 1000}
#   500 middle(0) chains(-)
#   500 middle(0) middle(1) chains(-)
#   500 middle(0) middle(1) middle(2) chains(-)
#   (1999, 5)
#   1999000
#   2020971

import sys


def own_locals(count):
    total = 0
    for i in range(count):
        total += i
        names = locals()
        if names["i"] != i or names["total"] != total:
            return "stale", i, names
    return sorted(name for name in names), total


print(own_locals(2000))


def look():
    frame = sys._getframe(1)
    return frame.f_locals["i"], frame.f_locals["x"]


def seen_by_callee(count):
    x = 0.0
    for i in range(count):
        x += 0.5
        a, b = look()
        if a != i or b != x:
            return "stale", i, a, b
    return "current", i, x


print(seen_by_callee(2000))


def look_later(i):
    if i == 1900:
        return sys._getframe(1).f_locals.copy()
    return None


def seen_once(count):
    a = 1
    b = 2.0
    c = "text"
    for i in range(count):
        a, b = a + 1, b * 1.0001
        found = look_later(i)
        if found is not None:
            return found["a"], found["b"] == b, found["c"], found["i"], "found" in found
    return None


print(seen_once(3000))


def line():
    return sys._getframe(1).f_lineno


def lines(count):
    first = sys._getframe().f_code.co_firstlineno
    seen = {}
    for i in range(count):
        n = line() - first
        if i % 3 == 0:
            n = n * 100 + line() - first
        else:
            n = (
                n * 100
                + line()
                - first
            )
        seen[n] = seen.get(n, 0) + 1
    return seen


print(lines(1500))


def middle(depth):
    if depth == 0:
        frame = sys._getframe()
        names = []
        while frame.f_code.co_name != "<module>":
            names.append("%s(%s)" % (frame.f_code.co_name, frame.f_locals.get("depth", "-")))
            frame = frame.f_back
        return " ".join(names)
    return middle(depth - 1)


def chains(count):
    seen = {}
    for i in range(count):
        text = middle(i % 3)
        seen[text] = seen.get(text, 0) + 1
    return seen


for text, number in chains(1500).items():
    print(number, text)


def kept_frame(count):
    kept = None
    for i in range(count):
        if i == 1700:
            kept = sys._getframe()
    return kept.f_locals["i"], kept.f_lineno - kept.f_code.co_firstlineno


print(kept_frame(2000))
total = 0
for i in range(2000):
    total += i
    if sys._getframe().f_locals["total"] != total or vars()["i"] != i or dir().count("i") != 1:
        print("stale", i)
        break
print(total)


def held_view(n):
    view = sys._getframe().f_locals
    frame = sys._getframe()
    total = 0
    for i in range(n):
        total += view["i"] + len(str(view["total"])) + frame.f_lineno - frame.f_code.co_firstlineno
    return total


print(held_view(2000))
