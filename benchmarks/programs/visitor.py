"""A visitor over the tree of an expression: methods found by name, classes with a common base.

What it measures: dispatch on the class of a node (getattr with a name that is made of the class), recursion over a
tree of several classes, and virtual methods.
"""

SCALE = 400
SMALL = 10
REPEATS = 8


class Node:
    def accept(self, visitor):
        return getattr(visitor, "visit_" + type(self).__name__)(self)


class Number(Node):
    def __init__(self, value):
        self.value = value

    def size(self):
        return 1


class Name(Node):
    def __init__(self, name):
        self.name = name

    def size(self):
        return 1


class Binary(Node):
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def size(self):
        return 1 + self.left.size() + self.right.size()


class Sum(Binary):
    pass


class Difference(Binary):
    pass


class Product(Binary):
    pass


class Evaluator:
    def __init__(self, names):
        self.names = names

    def visit_Number(self, node):
        return node.value

    def visit_Name(self, node):
        return self.names[node.name]

    def visit_Sum(self, node):
        return node.left.accept(self) + node.right.accept(self)

    def visit_Difference(self, node):
        return node.left.accept(self) - node.right.accept(self)

    def visit_Product(self, node):
        return node.left.accept(self) * node.right.accept(self) % 1_000_003


def tree(depth, seed):
    if depth == 0:
        return Number(seed % 10) if seed % 3 else Name("xyz"[seed % 2])
    kind = (Sum, Difference, Product)[seed % 3]
    return kind(tree(depth - 1, seed * 5 + 1), tree(depth - 1, seed * 7 + 2))


def main(scale=SCALE):
    """Evaluates one tree with several values of its names."""
    expression = tree(7, 1)
    total = 0
    for i in range(scale):
        total += expression.accept(Evaluator({"x": i, "y": 2 * i + 1})) + expression.size()
    return total


if __name__ == "__main__":
    print(main())
