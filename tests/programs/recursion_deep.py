"""Deep recursion under a raised recursion limit, up to the limit."""

# expect-stdout:
#   10 10
#   100 100
#   1000 1000
#   5000 5000
#   20000 20000
#   15000
#   maximum recursion depth exceeded
#   3000
#   maximum recursion depth exceeded
#   3000
#   maximum recursion depth exceeded
#   3000

import sys

sys.setrecursionlimit(22_000)


def depth(n):
    if n == 0:
        return 0
    return 1 + depth(n - 1)


class Node:
    def __init__(self, left):
        self.left = left

    def height(self):
        return 1 if self.left is None else 1 + self.left.height()


def endless(n):
    return endless(n + 1) + 1


for n in (10, 100, 1000, 5_000, 20_000):
    print(n, depth(n))
tree = None
for _ in range(15_000):
    tree = Node(tree)
print(tree.height())
for _ in range(3):
    try:
        endless(0)
    except RecursionError as e:
        print(str(e).strip())
    print(depth(3000))
while tree is not None:
    tree = tree.left
