"""A singly linked list: pushed, walked, reversed in place.

What it measures: objects that refer to each other and stay, attributes that are read and written along a chain, and
`is None` as the loop's condition.
"""

SCALE = 60_000
SMALL = 600
REPEATS = 8


class Node:
    def __init__(self, value, following):
        self.value = value
        self.following = following


class LinkedList:
    def __init__(self):
        self.head = None
        self.length = 0

    def push(self, value):
        self.head = Node(value, self.head)
        self.length += 1

    def reverse(self):
        before = None
        node = self.head
        while node is not None:
            following = node.following
            node.following = before
            before = node
            node = following
        self.head = before

    def alternating_sum(self):
        total = 0
        sign = 1
        node = self.head
        while node is not None:
            total += sign * node.value
            sign = -sign
            node = node.following
        return total

    def clear(self):
        # One after the other: a chain that dies at once would die recursively.
        while self.head is not None:
            self.head = self.head.following


def main(scale=SCALE):
    """Returns a number that depends on the order of the nodes."""
    chain = LinkedList()
    for i in range(scale):
        chain.push(i * i % 1009)
    total = chain.alternating_sum()
    for _ in range(3):
        chain.reverse()
        total = 31 * total + chain.alternating_sum()
    length = chain.length
    chain.clear()
    return total, length


if __name__ == "__main__":
    print(main())
