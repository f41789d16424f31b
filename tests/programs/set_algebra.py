"""Sets and dicts that compiled code builds, grows, combines and compares; elements that compare in Python among them."""

# expect-stdout:
#   [0, 0, [], [], [], [], [], [], []]
#   272
#   [{8, 1, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 77, 12}, {2, 3, 5, 6, 7}, {2, 3, 5, 6, 7, 9, 77, 12}, False, False, False, True, False, False, False, False, False, {1, 2, 3, 4, 5, 6, 7, 8, 9, 77, 12}, {8, 1, 4}, {2, 3, 5, 6, 7}, {2, 3, 5, 6, 7, 9, 77, 12}, 8, 6, [1, 2, 3, 4, 5, 6, 7, 8], {1, 2, 3, 4, 5, 6, 7, 8}, frozenset({9, 8, 1, 4, 77, 12}), {1, 2, 3, 4, 5, 6, 7, 8, 9, 77, 12}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 77, 12}, {9, 77, 12}, {9, 77, 12, 2, 3, 5, 6, 7}]
#   [frozenset({0, 3, 6, 9, 12, 15, 18}), frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 24, 27, 30, 33, 36, 39}), frozenset({1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19}), frozenset({1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 21, 24, 27, 30, 33, 36, 39}), False, False, False, True, False, False, False, False, False, frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 24, 27, 30, 33, 36, 39}), frozenset({0, 3, 6, 9, 12, 15, 18}), frozenset({1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19}), frozenset({1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 21, 24, 27, 30, 33, 36, 39}), 20, 14, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, frozenset({0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39}), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 24, 27, 30, 33, 36, 39}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 24, 27, 30, 33, 36, 39}, {21, 24, 27, 30, 33, 36, 39}, {21, 24, 27, 30, 33, 36, 39, 1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19}]
#   ([(0, 1, 0, 0), (392, 384, 95771, 77744), (493, 732, 125070, 302775), (491, 828, 125025, 627465), (492, 827, 125035, 956567), (491, 828, 125025, 1288836), (491, 829, 125025, 1621912), (493, 829, 125070, 1954840), (491, 829, 125025, 2286067), (492, 828, 125035, 2612970)], [480, 487, 494], [((33, 1), 3994), ((66, 1), 3997)])
#   (165989, {'name': 399, 'size': 798, 'kind': 'x', 'next': None, 'extra': 399}, {'name': 399, 'size': 1, 'kind': 'x', 'next': None, 'extra': 399, 'last': 399}, {'name': 0, 'size': 798, 'kind': 'x', 'next': None, 'extra': 399}, True)
#   (2701000, True)
#   [['1.0', '3.0'], ['1', '3'], ['1', '2', '3', '4'], ['1.0', '2', '3.0', '4'], ['2', '4'], ['1.0', '2', '3'], ['2']]
#   (0, 7)
#   {"cannot use 'list' as a set element (unhashable type: 'list')": 100, "unsupported operand type(s) for |: 'set' and 'list'": 100, "unhashable type: 'list'": 100}
# expect-event: ..."kind":"loop"...

class Odd:
    """Equal to its number, by a method."""

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return hash(self.number)

    def __eq__(self, other):
        asked.append(self.number)
        return getattr(other, "number", other) == self.number

    def __repr__(self):
        return f"Odd({self.number})"


asked = []


def operators(pairs, count):
    lines = []
    for turn in range(count):
        for a, b in pairs:
            lines = [a & b, a | b, a - b, a ^ b, a <= b, a < b, a == b, a != b, a >= b, a > b]
            lines += [a.issubset(b), a.issuperset(b), a.isdisjoint(b), a.union(b), a.intersection(b)]
            lines += [a.difference(b), a.symmetric_difference(b), len(a), len(b), list(a), set(a), frozenset(b)]
            c = set(a)
            c |= b
            d = set(a)
            d.update(b)
            e = set(b)
            e -= a
            f = set(b)
            f ^= a
            lines += [c, d, e, f]
    return lines


def grown(count):
    """Larger and larger, with elements that were removed in between."""
    seen = set()
    table = {}
    log = []
    for n in range(count):
        seen.add(n * 7 % 501)
        table[n * 11 % 307, n % 3] = n
        if n % 5 == 0:
            seen.discard(n % 50)
            table.pop((n % 307, 1), None)
        if n % 400 == 0:
            log.append((len(seen), len(table), sum(seen), sum(table.values())))
    return log, list(seen)[-3:], list(table.items())[-2:]


def literals(count):
    total = 0
    for n in range(count):
        record = {"name": n, "size": n * 2, "kind": "x", "next": None}
        record["extra"] = n
        more = dict(record)
        more.update({"size": 1, "last": n})
        other = record.copy()
        other["name"] = 0
        tags = {n, n + 1, n % 3, "tag"}
        total += len(more) + len(tags) + record["size"] + other["name"] + more["size"]
        total += len(set([n, n, n % 7, "a"])) + len(frozenset((n, 1, True)))
    return total, record, more, other, tags == {n + 1, n, n % 3, "tag"}


def mixed(count):
    """An element of a Python class turns up late."""
    elements = set(range(20))
    others = {5, 6, 7}
    total = 0
    for n in range(count):
        if n == count // 2:
            others = {Odd(5), 6, Odd(300)}
        total += len(elements & others) + len(elements - others) * 100 + (others <= elements) * 10000
    return total, len(asked) > 0


def kept(count):
    """Which of two equal elements stays."""
    found = []
    for n in range(count):
        a, b = {1, 2, 3}, {1.0, True, 3.0, 4}
        found = [sorted(map(repr, x)) for x in (a & b, b & a, a | b, b | a, a ^ b, {1.0} | a, a & {2.0, 5, 6, 7})]
    return found


def names(count):
    """Module-level names that are added while the loop is compiled."""
    for n in range(count):
        globals()[f"late_{n}"] = n
        if n == 0:
            found = 0
        found += late_0
    return found, late_7


def failing(count):
    tally = {}
    for n in range(count):
        try:
            if n % 3 == 0:
                set([[1], 2])
            elif n % 3 == 1:
                {1, 2} | [3]
            else:
                {(1, [2]): 3}
        except TypeError as error:
            tally[str(error)] = tally.get(str(error), 0) + 1
    return tally


numbers = [set(), {1}, {1, 2, 3}, set(range(30)), set(range(10, 50, 2)), frozenset({2, 3, 99}), frozenset()]
words = [{"a", "b"}, {"b", "c", "d"}, frozenset(["a"]), {("x", 1), ("y", 2)}, {("x", 1), None, 2.5}]


def shown(value):
    return sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value


print([shown(x) for x in operators([(a, b) for a in numbers for b in numbers], 8)[-9:]])
print(sum(map(len, map(str, operators([(a, b) for a in words for b in words], 8)))))
print(operators([({1, 2, 3, 4, 5, 6, 7, 8}, {9, 8, 1, 4, 77, 12})], 60))
print(operators([(frozenset(range(20)), frozenset(range(0, 40, 3)))], 60))
print(grown(4000))
print(literals(400))
print(mixed(400))
print(kept(100))
print(names(200))
print(failing(300))
