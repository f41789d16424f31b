"""Keys that are hashed as one of their attributes, by a `__hash__` in Python that does nothing else: as it is now, whatever
becomes of the class, the function, the attribute or the name `hash`."""

# expect-stdout:
#   6248 [3, 1]
#   2000 1000 KeyError
#   [('red', 1), ('blue', None), ('red', 1), ('other', None), ('red', 1)]
#   ['hashed', 'hashed'] 2 1
#   unhashable type: 'list'
#   True 9 True
# expect-event: ..."kind":"loop"...
# options:

import builtins
from enum import Enum, Flag


class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


def enums(count):
    table = {Color.RED: 1, Color.GREEN: 2, Color.BLUE: 3}
    pairs = {(color, text): color.value for color in Color for text in "ab"}
    colors = list(Color)
    seen = set()
    total = 0
    for i in range(count):
        color = colors[i % 3]
        total += table[color] + pairs[color, "ab"[i & 1]]
        seen.add(color)
        if (color, "c") in pairs or Color.RED not in table:
            total += 10**9
        pairs[color, "z"] = i
        total += 1 + (color in seen)
        total += i % 4 == 1
        pairs.pop((color, "z"))
    return total, [len(seen), table.get(Color.RED)]


print(*enums(1000))


class Named:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(self.name)


def named(count):
    one, other, stranger = Named("one"), Named("one"), Named("one")
    table = {one: 2, other: 0}
    total = missing = 0
    for _ in range(count):
        total += table[one] + table[other]
        try:
            table[stranger]
        except KeyError as error:
            missing += 1
            last = error
    return total, missing, type(last).__name__


print(*named(1000))


def changed(count):
    """The attribute, the class, the function and the name change while the loop runs."""
    out = []
    # (Where the hash is another one, an empty slot of the table is looked at.)
    key = Named(0)
    table = {key: 1}
    found = []
    for i in range(count):
        if i == 400:
            found.append(("red", table.get(key)))
            key.name = 5
        if i == 500:
            found.append(("blue", table.get(key)))
            key.name = 0
        if i == 600:
            found.append(("red", table.get(key)))
            Named.__hash__ = lambda self: hash(5)
        if i == 700:
            found.append(("other", table.get(key)))
            Named.__hash__ = lambda self: hash(self.name)
        out.append(table.get(key))
    found.append(("red", out[-1]))
    return found


print(changed(1000))


def shadowed(count):
    """`hash` means something else."""
    texts = []
    scope = {}
    exec("class Key:\n    def __init__(self):\n        self.name = 0\n    def __hash__(self):\n        return hash(self.name)\n", scope)
    key = scope["Key"]()
    table = {key: 1}
    hits = misses = 0
    for i in range(count):
        if i == 300:
            scope["hash"] = lambda name: texts.append("hashed") or 5
        if i == 302:
            del scope["hash"]
        hits += table.get(key, 0) == 1
        misses += table.get(key, 0) == 0
    return texts[:2], len(texts) // 2, misses // 2


print(*shadowed(600))


def unhashable(count):
    key = Named("a")
    table = {key: 1}
    try:
        for i in range(count):
            if i == 500:
                key.name = []
            table[key]
    except TypeError as error:
        return error


print(unhashable(600))


class Access(Flag):
    READ = 1
    WRITE = 2


def replaced(count):
    """The builtin itself is replaced for a while."""
    table = {Access.READ: 1, Access.WRITE: 2, Access.READ | Access.WRITE: 3}
    original, calls, total = builtins.hash, [], 0
    for i in range(count):
        if i == 400:
            builtins.hash = lambda value: calls.append(value) or original(value)
        total += table[Access.READ] + table[Access.WRITE]
        if i == 402:
            builtins.hash = original
    return total == 3 * count, len(calls) + 3, all(isinstance(call, (str, int)) for call in calls)


print(*replaced(900))
