"""Cycles that compiled loops and functions make are collected as they come, also those that survive for a while; what can be
reached stays, and finalisers run."""

# expect-stdout:
#   799980000
#   40000 True
#   True
#   (45720, 40)
#   12497500 True
#   0
# options:

import gc


class Node:
    """Refers to itself."""

    made = 0
    died = 0

    def __init__(self, value):
        self.value = value
        self.me = self
        self.rest = [self]
        Node.made += 1

    def __del__(self):
        Node.died += 1


class Plain:
    def __init__(self, other):
        self.other = other
        if other is not None:
            other.other = self


def garbage(count):
    total = 0
    for i in range(count):
        total += Node(i).value
    return total


def pairs(count):
    for _ in range(count):
        Plain(Plain(None))
    return len([each for each in gc.get_objects() if isinstance(each, Plain)]) < 20_000


def build(depth):
    """By recursion: no loop."""
    node = Plain(None)
    if depth > 0:
        node.parts = (build(depth - 1), build(depth - 1), node)
    return node


def size(node):
    return 1 + sum([size(part) for part in node.parts[:2]]) if hasattr(node, "parts") else 1


def lasting(count):
    """Survives many collections before it is given up."""
    kept = []
    sizes = 0
    for i in range(count):
        tree = build(6)
        kept.append(tree)
        if len(kept) > 40:
            sizes += size(kept.pop(0))
    return sizes, len(kept)


def main():
    print(garbage(40_000))
    print(Node.made, Node.made - Node.died < 10_000)
    print(pairs(60_000))
    print(lasting(400))
    gc.disable()
    before = Node.died
    print(garbage(5_000), Node.died == before)
    gc.enable()
    gc.collect()
    print(Node.made - Node.died)


main()
