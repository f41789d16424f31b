"""Slotted instances that refer to themselves from their first moment, also while an exception is handled."""

# expect-stdout:
#   (9980000, 20000, 19620)
#   (300, 44850, True)
# expect-event: ..."kind":"loop"...
# options:


class Node:
    __slots__ = ("key", "value", "before", "after")

    def __init__(self, key=None, value=None):
        self.key, self.value = key, value
        self.before = self.after = self


class Kept:
    def __init__(self):
        self.nodes = {}
        self.missed = self.cleared = 0

    def lookup(self, key):
        return self.nodes[key].value

    def store(self, key, value):
        if len(self.nodes) > 60:
            self.cleared += len(self.nodes) - 1
            self.nodes.clear()
        self.nodes[key] = Node(key, value)

    def get(self, key):
        try:
            value = self.lookup(key)
        except KeyError:
            self.missed += 1
            value = key * 2
            self.store(key, value)
        return value


def looked_up(count):
    kept, total = Kept(), 0
    for i in range(count):
        total += kept.get(i * 7919 % 500)
    return total, kept.missed, kept.cleared


def ring(count):
    root = Node()
    for i in range(count):
        node = Node(i, i)
        node.before, node.after = root.before, root
        root.before.after = node
        root.before = node
    total, length, node = 0, 0, root.after
    while node is not root:
        total += node.value
        length += 1
        node = node.after
    root.before = root.after = root
    return length, total, root.after is root and root.before is root


print(looked_up(20_000))
for _ in range(20):
    result = ring(300)
print(result)
