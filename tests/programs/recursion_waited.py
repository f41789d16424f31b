"""Calls that a recording waits for are long: they recurse and loop; and a loop is met with a number where it was recorded with
None."""

# expect-stdout:
#   [114183, 114373, 114563]
#   [(0.0, 40), (0.25, 116), (0.5, 89), (0.75, 54), (1.0, 54), (1.25, 34), (1.5, 27), (1.75, 21), (2.0, 24), (2.25, 18), (2.5, 37), (None, 86)]


class Node:
    def __init__(self, depth):
        self.left = Node(depth - 1) if depth else None
        self.right = Node(depth - 1) if depth % 2 else None
        self.weight = depth % 3


def inner(weight):
    total = 0
    for i in range(40):
        total += i * weight
    return total


def walk(node, extra):
    if node is None:
        return 0
    total = inner(node.weight) + extra
    for child in (node.left, node.right):
        if child is not None:
            total += walk(child, extra + 1)
    return total


def nearest(distances, limit):
    """Its variable is None, a float or a text at the header."""
    best = None
    for distance in distances:
        if distance is None:
            best = None
        elif distance < 0:
            best = str(distance)
        elif not isinstance(best, float) or distance < best:
            best = distance
        if best is not None and isinstance(best, float) and best > limit:
            best = limit
    return best


def main():
    root = Node(12)
    totals = set()
    for i in range(60):
        totals.add(walk(root, i % 3))
    print(sorted(totals))
    found = {}
    for i in range(600):
        distances = [None if (i + j) % 7 == 0 else -1.0 if (i * j) % 11 == 3 else (i * j) % 13 / 4 for j in range(12)]
        best = nearest(distances, 2.5)
        found[best] = found.get(best, 0) + 1
    print(sorted(found.items(), key=str))


main()
