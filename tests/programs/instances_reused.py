"""Instances that die in a hot loop, are looked at before, and have been changed in every way."""

# expect-stdout:
#   (4498500, 200, 200, 200) 200 200
#   1200 3000 ['A', 'B', 'C']
#   3000 [2998, 2999] False
#   (1200, 600) 300

import gc
import weakref


class Part:
    def __init__(self, number):
        self.number = number
        self.other = None


class Pair:
    def __init__(self, first, second):
        self.first = first
        self.second = second


class Loud:
    died = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Loud.died.append(self.name)


def changed(n):
    kept, dicts, more, refs = [], [], [], []
    total = 0
    for i in range(n):
        part = Part(i)
        pair = Pair(part, Part(-i))
        total += pair.first.number
        if i % 15 == 3:
            dicts.append(part.__dict__)
        if i % 15 == 5:
            kept.append(pair)
        if i % 15 == 7:
            part.more = i
            more.append(vars(part).copy())
            del part.other
        if i % 15 == 9:
            refs.append((i, weakref.ref(part)))
        if i % 15 == 11:
            part.__class__ = Pair
        if i % 15 == 13:
            part.__dict__ = {"number": 7}
    alive = sum(ref() is not None for _, ref in refs)
    assert all(d["number"] == 15 * k + 3 and d["other"] is None for k, d in enumerate(dicts))
    assert all(pair.first.number == -pair.second.number == 15 * k + 5 for k, pair in enumerate(kept))
    return (total, len(dicts), len(kept), len(more)), len(refs), len(refs) - alive


def classes(n):
    found = []
    total = 0
    for name in "ABC":
        made = type(name, (Part,), {"weight": len(found) + 1})
        for i in range(n):
            total += made(i).weight
        found.append(made.__name__)
    return total // 15, total // 6, found


def loud(n):
    del Loud.died[:]
    for i in range(n):
        pair = Pair(Loud(i), Part(i))
        pair.second.other = pair.first
    rest = pair
    return len(Loud.died) + 1, Loud.died[-1:] + [rest.first.name], rest.second.other is not rest.first


def cycles(n):
    gc.collect()
    gc.disable()
    refs = []
    for i in range(n):
        a, b = Part(i), Part(-i)
        if i % 5 == 0:
            a.other, b.other = b, a
            refs.append(weakref.ref(a))
            refs.append(weakref.ref(b))
    a = b = None
    alive = sum(ref() is not None for ref in refs)
    gc.enable()
    gc.collect()
    return (alive, len(refs) // 2), sum(ref() is None for ref in refs) // 4


first, second, third = changed(3000)
print(first, second, third)
print(*classes(3000))
print(*loud(3000))
print(*cycles(3000))
