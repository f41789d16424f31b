"""Lists and tuples searched, sorted and added up; strs joined; small ints that are compared by identity."""

# expect-stdout:
#   (2671771530, [(True, 2, True, True, True, True, False), (0, 3, 3, True, 6), 0, (True, 1, True, True, True, True, False)])
#   220
#   (2816481489, (True, [-1.25, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0, -0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25], ['-1😀', '-2€', '-3é', '-4😀', '-5€', '-5€', '0é', '1€', '2😀', '3é', '4€', '5😀'], [0, True, 1.5, 2], [1, 2, 3], 5, -1.25, '5😀', -5, -1.25, 0), (7, 1.5, 6.5, 9223372036854775808, nan, 1.0))
#   (928780541, ('a, æ, ', 'a', '', 'aéx', '00    0'), (True, 2, 2), 120, 120)
#   13701

import random
from zlib import crc32


ONE = 1


def searches(n):
    out = []
    words = ["ab", "cd", "é", "ab", "", "cd"]
    mixed = (1, 2.0, True, "x", None, (1, 2), 3, float("nan"), 2**70)
    numbers = [5, 3, 5, 2**40, 5]
    for i in range(n):
        w = ("ab", "é", "", "zz")[i % 4]
        out.append((w in words, words.count(w), 1 in mixed, 2 in mixed, (1, 2) in mixed, mixed[7] in mixed, 9 in mixed))
        out.append((numbers.index(5), numbers.index(2**40), numbers.count(5), 2**70 in mixed, mixed.index(3.0)))
        try:
            out.append(words.index(w))
        except ValueError as error:
            out.append("absent")
    return crc32(str(out).encode()), out[:4]


class Odd:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other


def odd_ones(n):
    hits = 0
    for i in range(n):
        items = [1, 2, 3] if i < n - 20 else [1, Odd(7), 3]
        hits += (7 in items) + items.count(7) * 10
    return hits


def sorting(n):
    out = []
    for i in range(n):
        ints = [(k * 37 + i) % 11 - 5 for k in range(12)]
        floats = [x / 4 for x in ints] + [-0.0, 0.0]
        texts = [str(x) + "é€\U0001f600"[x % 3] for x in ints]
        a = sorted(ints)
        ints.sort()
        floats.sort()
        texts.sort()
        b = [2, 1.5, True, 0]
        b.sort()
        c = sorted((3, 1, 2))
        out.append((a == ints, floats, texts, b, c, max(ints), min(floats), max(texts), sum(ints), sum(floats), sum([])))
        out.append((min([7]), max((1.5, 1.5)), sum((1, 2.5, 3)), sum([2**62, 2**62]), max([float("nan"), 1.0]), min([2, 1.0])))
        if i > n - 9:
            try:
                sorted([i, "x"]), max([])
            except (TypeError, ValueError) as error:
                out.append(type(error).__name__)
    return crc32(str(out).encode()), out[0], out[-2]


def texts(n):
    out = []
    grown, wide = "", ""
    for i in range(n):
        grown += chr(97 + i % 26)
        wide += chr(230 + i % 90)
        parts = [grown[-3:], wide[-2:], "-" * (i % 3)]
        half = ["\ud83d", "\ude00"]
        out.append((", ".join(parts), "".join(parts[:1]), "".join(parts[:0]), "é".join((grown[:2], "x")), f"{i}{-i} {i:>4}"))
        out.append(("".join(parts[:1]) is parts[0] or len(parts[0]) < 2, len("".join(half)), len(half[0] + half[1])))
        try:
            "".join(parts[:2] + [i] * (i % 7 == 6))
        except TypeError as error:
            out.append(str(error))
    return crc32(str(out).encode("utf8", "surrogatepass")), out[0], out[-1], len(grown), len(wide)


def draws(n):
    rnd = random.Random(3)
    total = 0
    for i in range(n):
        total += rnd.randrange(10) * rnd.randrange(5, 9) + rnd.randint(1, 6) + len(rnd.choice("abc"))
        total += (i % 3) is ONE
    return total


print(searches(80))
print(odd_ones(300))
print(sorting(60))
print(texts(120))
print(draws(400))
