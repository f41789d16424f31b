"""Comprehensions whose variable a function in them shares: the variable's cell is made anew by each run of the comprehension."""

# expect-stdout:
#   30000
#   [('a', ['ab', 'ac']), ('b', ['ba']), ('c', ['c'])]
#   [[], [1], [2, 1], [3, 2, 1]] [0, 6, 12]
# expect-event: ..."kind":"loop"...

def sums(rows, n):
    return [sum(x * i for x in rows) for i in range(n)]


def late(n):
    return [f() for f in [lambda: i for i in range(n)]]


def early(n):
    return [(lambda: i * 2)() for i in range(n)]


def keyed(words):
    return {k: [w for w in words if (lambda: w[0] == k)()] for k in {w[0] for w in words}}


def outer(n):
    i = "outer"
    inner = [(lambda: (i, n))() for i in range(n)]
    return i, inner[-1]


def raised(n):
    i = "kept"
    try:
        [(lambda: 10 // (3 - i))() for i in range(n)]
    except ZeroDivisionError:
        return i
    return None


def nested(n):
    return [[(lambda: i - j)() for j in range(i)] for i in range(n)]


rows = [1, 2, 3]
total = 0
for turn in range(400):
    total += sum(sums(rows, 5)) + sum(early(4)) + len(nested(3))
    assert late(3) == [2, 2, 2]
    assert outer(3) == ("outer", (2, 3))
    assert raised(6) == "kept"
    assert raised(2) is None
print(total)
print(sorted(keyed(["ab", "ac", "ba", "c"]).items()))
print(nested(4), sums(rows, 3))
