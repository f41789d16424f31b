"""Binary trees, built and walked, after the Computer Language Benchmarks Game's task.

What it measures: recursion that makes objects which stay, and recursion over objects.
"""

SCALE = 14
SMALL = 5
REPEATS = 8


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def build(depth):
    if depth == 0:
        return Node(None, None)
    return Node(build(depth - 1), build(depth - 1))


def main(scale=SCALE):
    """Counts the nodes of one tree that stays and of many smaller ones that do not."""
    long_lived = build(scale)
    total = 0
    for depth in range(4, scale, 4):
        for _ in range(1 << (scale - depth)):
            total += build(depth).count()
    return total + long_lived.count()


if __name__ == "__main__":
    print(main())
