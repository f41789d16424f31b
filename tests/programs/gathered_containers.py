"""Builtins that take all of a container that is no sequence: text, ranges, dicts and their views, sets; and `dict` of names."""

# expect-stdout:
#   ['h', 'é', 'o'] ('a', 'b') {'l', 'x'} ['e', 'h', 'l'] o e
#   [0, 1, 2] (5, 3, 1) {0, 2} [0, 1, 2] 3
#   [('a', 3), ('b', 1)] ['a', 'b'] [3, 1] 4 3 a-b ('a', 'b') [1, 3] b
#   [1, 2, 3] 6 1 3 (1, 2) ['x', 'y'] a.b
#   {'a': 1, 'b': [2], 'c': {}} 2 {'z': 399}
#   max() iterable argument is empty | '<' not supported between instances of 'str' and 'int' | 3
#   ['k1', 'k0'] [1, 0] 402 [401, 400]
#   None 400 Meddler
# expect-event: ..."kind":"loop"...
# options:


def text(count):
    for _ in range(count):
        letters, pair, few = list("héo"), tuple("ab"), set("xl")
        ordered, large, small = sorted("hel"), max("hello"), min("hello")
    return letters, pair, few, ordered, large, small


def ranges(count):
    for i in range(count):
        limit = 3
        numbers, back = list(range(limit)), tuple(range(5, 0, -2))
        few, ordered = set(range(0, limit, 2)), sorted(range(limit))
        total = sum(range(limit))
    return numbers, back, few, ordered, total


def views(count):
    table = {"a": 3, "b": 1}
    for _ in range(count):
        items, keys, values = list(table.items()), list(table.keys()), list(table.values())
        total, large = sum(table.values()), max(table.values())
        line, names, ordered, last = "-".join(table), tuple(table), sorted(table.values()), max(table)
    return items, keys, values, total, large, line, names, ordered, last


def sets(count):
    numbers, names = {3, 1, 2}, frozenset(("y", "x"))
    for _ in range(count):
        ordered, total, small, large = sorted(numbers), sum(numbers), min(numbers), max(numbers)
        pair = tuple({1: 0, 2: 0})
        words = sorted(names)
        line = ".".join(sorted({"b", "a"}))
    return ordered, total, small, large, pair, words, line


def named(count):
    for i in range(count):
        table = dict(a=1, b=[2], c={})
        other = dict(z=i)
    return table, table["b"][0], other


def raising(count):
    told = []
    for i in range(count):
        last = i == count - 1
        try:
            max({} if last else {"a": 1})
        except ValueError as error:
            told.append(str(error))
        try:
            sorted({"a": 1, "b": "x" if last else 2}.values())
        except TypeError as error:
            told.append(str(error))
    return " | ".join(told + [str(len(told) + 1)])


class Key:
    compared = 0

    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        Key.compared += 1
        return self.number > other.number

    def __repr__(self):
        return f"k{self.number}"


def python_order(count):
    table = {Key(0): 1, Key(1): 0}
    for _ in range(count):
        keys = sorted(table)
        values = sorted(table.values(), reverse=True)
    return [str(key) for key in keys], values, Key.compared + 2, [Key.compared + 1, Key.compared]


class Meddler:
    """Changes the dict that it is in when it is compared. (CPython notices that; the VM takes all values first.)"""

    def __init__(self, table):
        self.table = table

    def __gt__(self, other):
        self.table[len(self.table)] = other
        return False


def meddled(count):
    fine, told = 0, None
    for i in range(count):
        table = {}
        if i == count - 1:
            table.update(a=Meddler(table), b=Meddler(table), c=Meddler(table))
        else:
            table.update(a=7, b=7)
        try:
            found = max(table.values())
            fine += 1
        except RuntimeError as error:
            told = type(error).__name__
    return told, fine, type(found).__name__


# (What is over soon is not compiled.)
for _ in range(12):
    text(400), ranges(400), views(400), sets(400), named(400), raising(400)
letters, pair, few, *rest = text(400)
print(letters, pair, "{" + ", ".join(map(repr, sorted(few))) + "}", *rest)
print(*ranges(400))
print(*views(400))
print(*sets(400))
print(*named(400))
print(raising(400))
print(*python_order(400))
print(*meddled(400))
