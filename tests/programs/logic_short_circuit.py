"""`and`, `or`, `not` and conditional expressions: which operands are evaluated, and which value comes out."""

# expect-stdout:
#   13017
#   [('a', 2000), ('b', 1000), ('c', 1333), ('d', 2000), ('e', 400), ('f', 1714), ('g', 286)]
#   0 0.0 None 0.0 True False
#   0.5 1 0.5 'both' False True
#   1.0 2 1.0 'both' False True
#   0.0 3 None 'both' False False
#   0 0.5 None 'both' True True
#   1.0 1 1.0 'both' False True
#   0.0 2 None 'both' False False
#   0.5 3 0.5 'both' False True
#   0 1.0 None 'both' True True
#   0.0 1 None 'both' False False
#   0.5 2 0.5 'both' False True
#   1.0 3 1.0 'both' False True
#   True
#   600

calls = []


def note(name, value):
    calls.append(name)
    return value


def run(count):
    total = 0
    for i in range(count):
        a = note("a", i % 2) and note("b", i % 3) or note("c", 7)
        b = not (note("d", i % 5) or note("e", 0))
        c = note("f", 1) if i % 7 else note("g", 2)
        total += a + b + c
    return total


print(run(2000))
print(sorted((name, calls.count(name)) for name in set(calls)))


def values(count):
    out = []
    for i in range(count):
        x = i % 4
        y = i % 3 * 0.5
        out.append((x and y, x or y, x and y or None, (x or y) and "both", not x, not not y))
    return out


found = values(1200)
for row in found[:12]:
    print(*map(repr, row))
print(all(found[i] == found[i - 12] for i in range(12, len(found))))


def guarded(items):
    n = 0
    for item in items:
        if item is not None and item > 2 and 10 / item < 3 or item == -1:
            n += 1
    return n


print(guarded([None, 0, 1, 2, 3, 4, 5, -1, 2.5] * 200))
