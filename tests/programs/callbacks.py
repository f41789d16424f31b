"""Python functions that native code calls, and what they see of their callers."""

# expect-stdout:
#   [0, 1, 2, 3, 4] [3000, 2999, 2998]
#   3000 3000 3000 0
#   4498500 ['looked<around<nested<inlined<<module>']
#   [0, 2, 4] ('ValueError(2500)', [('catches', 8), ('fails', 2)])
#   8997000 3000.0 aabbccaabbccaabbcc
#   27670116110564336421000
#   4504500 4505000.0
#   479161
#   4501500 13495500 13498500
#   60 [0, 7, 14, 21, 28, 35, 42, 49, 56]
#   too deep

import functools
import sys
import traceback


class Key:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value < other.value

    def __hash__(self):
        return hash(self.value % 50)

    def __eq__(self, other):
        return self.value == other.value


def names(frame):
    found = []
    while frame is not None:
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return "<".join(found)


def looked(x):
    if x % 997 == 996:
        seen.add(names(sys._getframe()))
    return -x


def around(x):
    return looked(x) + 1


def nested(x):
    return max([x, x + 1, x + 2], key=around)


def inlined(n):
    return sum(map(nested, range(n)))


def fails(x):
    if x == 2500:
        raise ValueError(x)
    return x * 2


def catches(n):
    try:
        return list(map(fails, range(n)))
    except ValueError as error:
        lines = [(entry.name, entry.lineno - first) for entry in traceback.extract_tb(error.__traceback__)]
        return repr(error), lines


def types_change(x):
    return x + x


def closure(table):
    return lambda x: table[x % 3] + x


def with_cell(x):
    get = lambda: x
    return get() + 1


def with_more(x, *rest, scale=3, **names):
    return x * scale + len(rest) + len(names)


def down(n):
    return n if n == 0 else max([n], key=lambda k: down(k - 1))


seen = set()
first = fails.__code__.co_firstlineno
keys = [Key(i * 7919 % 3001) for i in range(3000)]
print([key.value for key in sorted(keys)[:5]], [key.value for key in sorted(keys, key=lambda k: -k.value)[:3]])
print(len(set(keys)), len({key: 1 for key in keys}), max(keys).value, min(keys, key=lambda k: k.value % 77).value)
print(inlined(3000), sorted(seen))
print(catches(2000)[:3], catches(3000))
print(sum(map(types_change, range(3000))), sum(map(types_change, [0.5] * 3000)), "".join(map(types_change, "abc" * 3)))
print(sum(map(types_change, range(2**62, 2**62 + 3000))))
print(sum(map(closure([1, 2, 3]), range(3000))), sum(map(closure([1.5, 2, 3]), range(3000))))
print(functools.reduce(lambda a, b: (a * 31 + b) % 1_000_003, range(5000)))
print(sum(map(with_cell, range(3000))), sum(map(with_more, range(3000))), sum(map(with_more, range(3000), range(3000))))
print(down(60), [down(n) for n in range(0, 60, 7)])
try:
    down(5000)
except RecursionError:
    print("too deep")
