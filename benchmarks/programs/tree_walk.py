"""A search tree that is filled and gone through by generators, which are functions made anew by each call.

What it measures: functions that call themselves, closures, `yield from` and generators that call themselves.
"""

SCALE = 4_000
SMALL = 100
REPEATS = 8


class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def main(scale=SCALE):
    """Returns a checksum of the keys in their order."""

    def insert(node, key):
        if node is None:
            return Node(key)
        if key < node.key:
            node.left = insert(node.left, key)
        elif key > node.key:
            node.right = insert(node.right, key)
        return node

    def in_order(node):
        if node is not None:
            yield from in_order(node.left)
            yield node.key
            yield from in_order(node.right)

    def between(low, high):
        def walk(node):
            if node is not None:
                if low < node.key:
                    yield from walk(node.left)
                if low <= node.key < high:
                    yield node.key
                if node.key < high:
                    yield from walk(node.right)

        return walk(root)

    state, root = 5, None
    for _ in range(scale):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        root = insert(root, state >> 12)
    checksum = sum(number * key for number, key in enumerate(in_order(root))) % 1_000_003
    for low in range(0, 1 << 19, 1 << 16):
        checksum = (checksum * 31 + sum(between(low, low + (1 << 14)))) % 1_000_003
    return checksum


if __name__ == "__main__":
    print(main())
