"""Dicts in hot loops: counting, missing keys, keys that compare equal, deletion, ordering, user-defined hashes."""

# expect-stdout:
#   {0: 177, 1: 353, 4: 353, 9: 353, 16: 353, 8: 353, 2: 353, 15: 353, 13: 352}
#   (2792460, 65340)
#   [('1', 808200), ("'1'", 270000), ('2', 540900)]
#   ([2, 7, 12, 17, 22, 27, 32, 0, 5, 10], 30)
#   (3000, 6, True)
#   (4, 10)


def histogram(count):
    seen = {}
    for i in range(count):
        key = (i * i) % 17
        if key in seen:
            seen[key] += 1
        else:
            seen[key] = 1
    return seen


print(histogram(3000))


def missing(count):
    table = {i: i * i for i in range(0, 100, 3)}
    misses = 0
    total = 0
    for i in range(count):
        try:
            total += table[i % 100]
        except KeyError as error:
            misses += error.args[0]
        total += table.get(i % 50, -1)
    return total, misses


print(missing(2000))


def equal_keys(count):
    table = {}
    for i in range(count):
        key = (1, 1.0, True, "1", 2, 2.0)[i % 6]
        table[key] = table.get(key, 0) + i
    return [(repr(key), value) for key, value in table.items()]


print(equal_keys(1800))


def order(count):
    table = {}
    for i in range(count):
        table[i % 37] = i
        if i % 5 == 0:
            table.pop(i % 37)
    return list(table)[:10], len(table)


print(order(2000))


class Key:
    compared = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 4

    def __eq__(self, other):
        Key.compared += 1
        return self.n == other.n


def custom(count):
    table = {Key(n): n for n in range(6)}
    total = 0
    for i in range(count):
        total += table[Key(i % 6)]
    return total, len(table), Key.compared > count


print(custom(1200))


def nested(count):
    tree = {}
    for i in range(count):
        node = tree
        for digit in str(i % 120):
            node = node.setdefault(digit, {})
    depth = 0
    level = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in node.values()]
    return depth, len(tree)


print(nested(1500))
