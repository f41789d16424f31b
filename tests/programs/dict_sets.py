"""Dicts and sets with plain keys: read, written, searched, iterated, from loops and from functions that loops call."""

# expect-stdout:
#   [('a', 250), ('b', 250), ('c', 250), ('d', 250)] 500
#   499500 1000 [0, 1, 2] 2998
#   KeyError 1500 1500
#   [10, 45, 200] ['x', 'y', 'z'] 1800
#   RuntimeError 3
#   (120, 60, 1) 500 600
#   [(0, 0), (0, 1), (0, 2)] 900
#   fib 6765 21
#   ['get', 'get', 'put'] 600 1800
#   499500 [0, 999]


def words(text):
    counts = {}
    for word in text.split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    twice = {}
    for word, count in counts.items():
        for _ in range(count):
            twice[word] = twice.get(word, 0) + 2
    return sorted(counts.items()), max(twice.values())


print(*words("a b c d " * 250))


def squares(n):
    table = {}
    for i in range(n):
        table[i] = i
    total = 0
    for key in table:
        total += table[key]
    seen = set()
    for value in table.values():
        seen.add(value)
    few = sorted(seen)[:3]
    hits = 0
    for i in range(3 * n):
        if i % 1001 in seen:
            hits += 1
    return total, len(seen), few, hits


print(*squares(1000))


def missing(n):
    table = {}
    for i in range(n):
        table[i] = i
    try:
        for i in range(2 * n):
            table[i]
    except KeyError as error:
        return type(error).__name__, i, error.args[0]


print(*missing(1500))


class Store:
    def __init__(self):
        self.rows = {"x": 0, "y": 0, "z": 0}
        self.log = []

    def put(self, key, value):
        if key in self.rows:
            self.rows[key] += value
            return 1
        self.rows[key] = value
        return 0

    def get(self, key):
        return self.rows.get(key, 0)


def methods(n):
    store = Store()
    hits = 0
    for i in range(n):
        hits += store.put("x", 1 if i < 10 else 0)
        hits += store.put("y", i if i < 10 else 0)
        hits += store.put("z", 1 if i % 3 == 0 else 0)
        store.get("none")
    return sorted(store.rows.values()), sorted(store.rows), hits


print(*methods(600))


def changed(n):
    table = dict.fromkeys(range(n))
    count = 0
    try:
        for key in table:
            count += 1
            if count == 3:
                table["new"] = 1
    except RuntimeError as error:
        return type(error).__name__, count


print(*changed(500))


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return isinstance(other, Odd) and self.n == other.n


def own_keys(n):
    table = {}
    for i in range(n):
        table[Odd(i % 5)] = table.get(Odd(i % 5), 0) + 1
    mixed = {1: "int", 1.5: "float", (1, 2): "tuple", None: "none", True: "bool"}
    found = 0
    for i in range(n):
        if (i % 2, 2) in mixed:
            found += 1
        if None in mixed:
            found += mixed[None] == "none"
    return (table[Odd(0)], found // 15, len(mixed) - 3), table[Odd(3)] + 380, n


print(*own_keys(600))


def grid(n):
    cells = {}
    for x in range(n):
        for y in range(n):
            cells[(x, y)] = x * y
    keys = sorted(cells)
    count = 0
    for x, y in cells:
        if (y, x) in cells:
            count += 1
    return keys[:3], count


print(*grid(30))


def memo():
    known = {}

    def fib(n):
        if n in known:
            return known[n]
        result = n if n < 2 else fib(n - 1) + fib(n - 2)
        known[n] = result
        return result

    total = 0
    for i in range(400):
        total = fib(20)
    return "fib", total, len(known)


print(*memo())


def natives(n):
    log = []
    text = []

    def step(i):
        names = sorted(("put", "get", "get"))
        log.append(names[i % 3])
        text.append("%d" % i)
        return max(names, key=len) == "put" or names.count("get")

    total = 0
    for i in range(n):
        total += step(i) + 1
    return log[:3], len(text), total


print(*natives(600))


def removed(n):
    table = {}
    for i in range(n):
        table[i] = i
        if i > 1:
            table.pop(i - 1)
    total = 0
    for i in range(n):
        total += i
        table.setdefault(i, i) if i == 0 else None
    return total, list(table)


print(*removed(1000))
