"""Iterators that are taken apart: enumerate, zip, reversed and str, nested, in hot inner loops, ended in every way."""

# expect-stdout:
#   270600 157575.0 457500 1130250
#   93900 181200 469350
#   0 186900.0
#   (800, 372200, 's') (0, 58104000, '\udc80')
#   ('b', 1400, True) ('€', 2100)
#   757219 917307 948736 764139
#   0 0 0 238313 893104
#   (93600, range(0, 4))
#   95668
#   (291141750, 899, 899, 899, 'z', 0)
#   ([(0, 0, 0, 0), (2, 0, 0, 0), (0, 1, 1, 0), (0, 2, 0, 1), (0, 0, 1, 0), (2, 0, 1, 0), (0, 1, 0, 0), (2, 1, 0, 0), (0, 0, 2, 0), (0, 0, 0, 1), (0, 1, 0, 0), (2, 1, 0, 0)], 10)
#   45150
#   48450
#   (2920, [4, 4, 4, 4, 10, 10, 10, 10, 10, 4])
#   (1950, [0, 1, 2, 3])
#   20200
#   1299   1299
# expect-event: ..."kind":"loop"...


def numbered(items, turns):
    total = 0
    for turn in range(turns):
        for i, item in enumerate(items, turn):
            total += i * item
            if total > 1 << 40:
                total -= 1 << 40
    return total


print(numbered([3, 1, 2], 300), numbered((1.5, 2), 300), numbered(range(5), 300), numbered(range(9, 0, -2), 300))


def pairs(a, b, turns):
    total = 0
    for turn in range(turns):
        for x, y in zip(a, b):
            total += x * y + turn
    return total


print(pairs([1, 2, 3], (4, 5), 300), pairs(range(4), [1] * 7, 300), pairs(range(7), range(3, 40, 5), 300))
print(pairs((1, 2), [], 300), pairs([2.5] * 4, [1, 2, 3, 4], 300))


def letters(text, turns):
    counts = {}
    vowels = 0
    width = 0
    for turn in range(turns):
        for c in text:
            if c in ("a", "e"):
                vowels += 1
            elif c == "\u20ac":
                width += 3
            width += ord(c)
    return vowels, width, c


print(letters("a text with letters", 200), letters("\u00e9\u20ac\U0001f600x\udc80", 300))


def whole(text):
    last = ""
    n = 0
    for c in text:
        last = c
        n += 1
    return last, n, last is text[-1]


print(whole("ab" * 700), whole("\u00e9a\u20ac" * 700)[:2])


def backwards(items, turns):
    h = 0
    for turn in range(turns):
        for item in reversed(items):
            h = (h * 31 + item) % 1000003
    return h


print(backwards([1, 2, 3], 400), backwards((4, 5, 6, 7), 400), backwards(range(1, 20, 4), 400), backwards(range(5, -6, -3), 400))
print(backwards([], 400), backwards((), 400), backwards(range(0), 400), backwards([8], 400), backwards((9,), 400))


def kept_range(n):
    r = range(3, n, 2)
    down = range(n, 0, -7)
    total = 0
    for turn in range(200):
        for i in r:
            total += i
        for i in down:
            total -= i
        s = range(turn % 5)
        for i in s:
            total += i * turn
        total += len(s)
    return total, s


print(kept_range(40))


def steps(n):
    total = 0
    for step in [1, 2, 3, -1, -2, -3] * 60:
        for i in range(0, n if step > 0 else -n, step):
            total = total * 3 + i
            total %= 1000003
    return total


print(steps(17))


def nested(n):
    total = 0
    for i, (a, (j, c), b) in enumerate(zip(range(n), enumerate("xyz" * n), reversed(list(range(n))))):
        total += i * a + j * ord(c) - b
    return total, i, a, j, c, b


print(nested(900))


def unequal(n):
    out = []
    for turn in range(n):
        a, b, c = iter(range(turn % 4)), iter([1] * (turn % 3)), iter("ab"[: turn % 2])
        count = 0
        for x, y, z in zip(range(turn % 4), [1] * (turn % 3), "ab"[: turn % 2]):
            count += 1
        for x, y, z in zip(a, b, c):
            count += 1
        out.append((count, len(list(a)), len(list(b)), len(list(c))))
    return out[:12], len(set(out))


print(unequal(400))


def one_twice(n):
    total = 0
    for turn in range(n):
        it = enumerate([turn, 2, 3, 4, 5])
        for (i, a), (j, b) in zip(it, it):
            total += a * j - b * i
    return total


print(one_twice(300))


def passed_on(n):
    out = 0
    for turn in range(n):
        for i, x in enumerate(zip([turn, 1], (2, 3))):
            out += len(x) + x[0] * i
        out += sum(reversed((turn, 2))) + len(list(enumerate("abc"))) + len(dict(zip("ab", range(5))))
    return out


print(passed_on(300))


def leaves_early(n):
    found = []
    for turn in range(n):
        for i, c in enumerate("some words here"):
            if c == " " and i > turn % 9:
                found.append(i)
                break
        else:
            found.append(-1)
    return sum(found), found[:10]


print(leaves_early(400))


def changing(n):
    items = list(range(10))
    total = 0
    for turn in range(n):
        for i, x in enumerate(items):
            total += x
            if i == 3 and len(items) > 4:
                items.pop()
            elif i == 2 and turn % 3 == 0 and len(items) < 30:
                items.append(turn)
    return total, items


print(changing(300))


def strict(n):
    turns = 0
    for _ in range(n):
        try:
            for _ in zip([1, 2], (3,), strict=True):
                turns += 1
        except ValueError:
            turns += 100
    return turns


print(strict(200))

for number, letter in enumerate("module level " * 100):
    if letter == " ":
        spaces = number
print(number, letter, spaces)
