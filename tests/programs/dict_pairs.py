"""Pairs of ints that are looked for in dicts and sets: keys that equal them but are none, other kinds in between, large numbers,
finalisers, tuples that are kept."""

# expect-stdout:
#   0
#   (4400, 208, ((12, 0),), 4776)
#   (9129, 632349)
#   ["('equal', True, True)", '(None, False, False)']
#   (274, 12502)
#   7
#   7651
#   (36, True)

from collections import OrderedDict, defaultdict, namedtuple

Point = namedtuple("Point", "x y")


class Loud:
    """A value whose finaliser changes the dict that it was in."""

    def __init__(self, table, key):
        self.table, self.key = table, key

    def __del__(self):
        self.table.pop(self.key, None)


class Equal:
    """Equal to a pair, with its hash."""

    def __eq__(self, other):
        return other == (3, 4)

    def __hash__(self):
        return hash((3, 4))


class Odd(tuple):
    def __eq__(self, other):
        return False

    __hash__ = tuple.__hash__


def grid(size):
    cells, seen = {}, set()
    for x in range(size):
        for y in range(size):
            cells[x, y] = x * y
            if (x + y) % 3:
                seen.add((y, x))
    total = hits = 0
    for x in range(-2, size + 2):
        for y in range(-2, size + 2):
            hits += (x, y) in seen
            hits += (x, y) not in cells
            total += cells.get((x, y), -1)
            if (y, x) in cells:
                cells[y, x] = cells[x, y] + 1
                cells[y, x] += 1
    try:
        for x in range(size * 2):
            total += cells[x, 0]
    except KeyError as error:
        return total, hits, error.args, sum(cells.values())


def strange_keys():
    keys = [
        (1.0, 2), (True, False), (2, 2.5), Point(5, 6), ("a", 1), (7,), (8, 9, 10), 11, "12", None, (None, 1), ((1, 2), 3),
        (-1, -1), (-2, -2), (1 << 61, 1), ((1 << 61) - 1, 2), (1 << 70, 3), ((1 << 53) + 1.0, 4), frozenset([1, 2]),
    ]
    table, elements = {key: n for n, key in enumerate(keys)}, set(keys)
    found = []
    numbers = [0, 1, 2, 5, 6, 7, 8, -1, -2, 1 << 53, (1 << 53) + 2, (1 << 61) - 1, (1 << 61) - 2, 1 << 61, 1 << 62, 3, 4]
    for a in numbers * 3:
        for b in numbers[:9]:
            found.append((table.get((a, b), -1), (a, b) in elements, (a, b) in table))
    return found


def with_classes():
    table = {Equal(): "equal", Odd((5, 6)): "odd"}
    elements = set(table)
    found = []
    for n in range(300):
        a, b = n % 7, n % 7 + 1
        found.append((table.get((a, b)), (a, b) in elements, (a, b) in table))
    return sorted(set(map(str, found)))


def other_dicts():
    counts, order = defaultdict(int), OrderedDict()
    for n in range(400):
        counts[n % 5, n % 3] += n
        order[n % 4, n % 2] = n
        if (n % 4, 1) in order:
            order.move_to_end((n % 4, 1))
    return dict(counts), list(order.items())


def finalised():
    table = {}
    for n in range(300):
        x, y = n % 4, n % 3
        table[x, y] = n
        table[x, 5] = Loud(table, (x, y))
        if n % 10 == 9:
            # What is replaced takes another entry out.
            table[x, 5] = n
    kept = len(table)
    table.clear()
    return kept


def changing(count):
    """The numbers become floats, text, large."""
    table = {(n, n + 1): n for n in range(50)}
    found = 0
    for n in range(count):
        a = n % 50
        b = a + 1
        if n > 200:
            a = float(a)
        if n > 300:
            b = 1 << 70
        if n > 400:
            a = str(a)
        found += table.get((a, b), 0) + ((a, b) in table)
    return found


def kept(count):
    """The tuple itself is used, too."""
    table, order = {}, []
    for n in range(count):
        key = (n % 9, n % 4)
        if key not in table:
            table[key] = key
            order.append(key)
        elif table[key] is key:
            return "another tuple"
    return len(order), all(key is table[key] for key in order)


def main():
    return [
        grid(12), strange_keys(), with_classes(), other_dicts(), finalised(), changing(500), kept(500),
    ]


first = main()
wrong = sum(main() != first for _ in range(3))
print(wrong)
for part in first:
    text = repr(part)
    print(text if len(text) < 150 else (len(text), sum(map(ord, text))))
