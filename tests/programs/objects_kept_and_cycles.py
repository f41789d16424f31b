"""Objects that are kept and garbage in cycles, in turns and mixed: whether there is any garbage is looked at before it is
collected. What is kept stays as it is, whatever refers to it; what is not is collected, its finalisers and weak references'
callbacks run, and what a finaliser brings back to life lives."""

# expect-stdout:
#   kept 3000 (4498500, 'listed', 1499)
#   mixed True True 15000
#   kept 6000 (17997000, 'listed', 2999)
#   mixed True True 15000
#   kinds 5000 12497500
#   again True True
#   all gone True
# options:

import gc
import weakref


class Node:
    def __init__(self, value, other):
        self.value = value
        self.other = other


class Slotted:
    __slots__ = ("value", "other", "__weakref__")

    def __init__(self, value, other):
        self.value = value
        self.other = other


class Back:
    """Brings itself back, once."""

    saved = []
    died = 0

    def __init__(self):
        self.me = self

    def __del__(self):
        Back.died += 1
        Back.saved.append(self)


def kept(count):
    chain, listed = None, []
    for value in range(count):
        chain = Node(value, chain)
        if value % 2:
            listed.append((chain, [value, {"at": chain}]))
    total, node = 0, chain
    while node is not None:
        total += node.value
        node = node.other
    ok = all(pair[0] is pair[1][1]["at"] and pair[0].value == pair[1][0] for pair in listed)
    return total, "listed" if ok else "lost", len(listed) - 1


gone = 0


def note(_):
    global gone
    gone += 1


def mixed(count):
    """A third of all objects are garbage in cycles as soon as they are made."""
    watched, stay = [], []
    for value in range(count):
        stay.append(Slotted(value, [value]))
        first = Slotted(value, None)
        first.other = Node(value, [first])
        if value % 5 == 0:
            watched.append(weakref.ref(first, note))
    first = None
    alive = sum(reference() is not None for reference in watched)
    ok = all(each.value == each.other[0] for each in stay)
    return alive < len(watched) // 2, ok, len(stay)


def kinds(count):
    """Objects of many kinds that refer to each other and stay."""
    out = []
    for value in range(count):
        def add(more, value=value):
            return value + more

        steps = (each for each in (value, value))
        next(steps)
        out.append((add, steps, {value: out}, {value}, [add], Slotted(add, steps).other))
    total = 0
    for add, steps, table, numbers, functions, same in out:
        assert same is steps and functions[0] is add and table[add(0)] is out and add(0) in numbers
        total += next(steps)
    out.clear()
    return total


def again(count):
    for _ in range(count):
        Back()
        [Node(1, None) for _ in range(4)]
    return Back.died == len(Back.saved), Back.died > count // 2


for scale in (3000, 6000):
    print("kept", scale, kept(scale))
    print("mixed", *mixed(15_000))
print("kinds", 5000, kinds(5000))
print("again", *again(3000))
gc.collect()
Back.saved.clear()
gc.collect()
left = len([each for each in gc.get_objects() if isinstance(each, (Node, Slotted, Back))])
print("all gone", left == 0)
