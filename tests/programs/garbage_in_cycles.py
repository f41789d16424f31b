"""What refers to itself dies while compiled code runs: silently, or with finalisers and weak references."""

# expect-stdout:
#   closures 40000
#   parents 699995 0
#   chains 120000
#   with finaliser 20000 True
#   last words True 20000
#   weak 20000 True
#   slots 100000
#   kept 3 [0, 10000, 20000]
#   lists 30000
#   methods 30000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"closures"...

import gc
import weakref


def recursive(n):
    def down(k):
        return 0 if k == 0 else 1 + down(k - 1)

    return down(n)


def closures(times):
    total = 0
    for _ in range(times):
        total += recursive(2)
    return total


class Node:
    def __init__(self, parent, value):
        self.parent = parent
        self.value = value
        self.children = []
        if parent is not None:
            parent.children.append(self)


def parents(times):
    total = 0
    for i in range(times):
        root = Node(None, i % 7)
        left, right = Node(root, 1), Node(root, 2)
        total += left.parent.value + len(root.children) + right.value
    return total, sum(isinstance(o, Node) for o in gc.get_objects()) > 60000


class Link:
    def __init__(self):
        self.before = self.after = self


def chains(times):
    """Doubly linked, long ones too."""
    total = 0
    for i in range(times):
        first = Link()
        for _ in range(3 if i % 1000 else 3000):
            link = Link()
            link.before, link.after = first.before, first
            first.before.after = link
            first.before = link
        total += 3
    return total


class Loud:
    died = 0

    def __init__(self):
        self.me = self

    def __del__(self):
        Loud.died += 1


def finalisers(times):
    for _ in range(times):
        Loud()
    gc.collect()
    return Loud.died, Loud.died == times


class Word:
    """Has a finaliser, and is not in the cycle, but dies with it."""

    said = 0

    def __del__(self):
        Word.said += 1


class Holder:
    def __init__(self, word):
        self.word = word
        self.me = self


def last_words(times):
    for _ in range(times):
        Holder(Word())
    early = Word.said > 0
    gc.collect()
    return early, Word.said


class Seen:
    def __init__(self):
        self.me = self


def weak(times):
    gone = []
    references = []
    for i in range(times):
        references.append(weakref.ref(Seen(), gone.append))
    gc.collect()
    return len(gone), all(reference() is None for reference in references)


class Slots:
    __slots__ = ("me", "other")


def slots(times):
    total = 0
    for _ in range(times):
        a, b = Slots(), Slots()
        a.me, a.other, b.me, b.other = a, b, b, a
        total += 2
    return total


def kept(times):
    """Some of what is in cycles is still in use."""
    some = []
    for i in range(times):
        node = Node(None, i)
        node.parent = node
        if i % 10000 == 0:
            some.append(node)
    return len(some), [node.parent.parent.value for node in some]


def lists(times):
    total = 0
    for i in range(times):
        a = [i]
        b = {"a": a}
        a.append((b, a))
        total += len(a) // 2
    return total


class Machine:
    def __init__(self):
        self.state = self.start

    def start(self):
        self.state = self.stop
        return 1

    def stop(self):
        return 0


def methods(times):
    total = 0
    for _ in range(times):
        machine = Machine()
        total += machine.state() + machine.state()
    return total


print("closures", closures(20000))
a, b = parents(100000)
print("parents", a, int(b))
print("chains", chains(40000))
print("with finaliser", *finalisers(20000))
print("last words", *last_words(20000))
print("weak", *weak(20000))
print("slots", slots(50000))
print("kept", *kept(30000))
print("lists", lists(30000))
print("methods", methods(30000))
