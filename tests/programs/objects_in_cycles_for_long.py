"""Cycles that survive some collections and then are given up do not stay until the end. (The VM without the JIT keeps them.)"""

# expect-stdout:
#   (375920, 40)
#   True
# modes: on
# options:

import gc


class Node:
    def __init__(self, parts):
        self.me = self
        self.parts = parts


def build(depth):
    return Node((build(depth - 1), build(depth - 1)) if depth > 0 else ())


def size(node):
    return 1 + sum([size(part) for part in node.parts])


def lasting(count):
    """Survives many collections before it is given up."""
    kept = []
    sizes = 0
    for _ in range(count):
        kept.append(build(6))
        if len(kept) > 40:
            sizes += size(kept.pop(0))
    return sizes, len(kept)


def main():
    print(lasting(3000))
    print(len([each for each in gc.get_objects() if isinstance(each, Node)]) < 120_000)


main()
