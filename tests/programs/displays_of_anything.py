"""List and set displays that take in iterables of any kind: iterators, dicts and their views, deques, generators, objects with
`__iter__` or `__getitem__`, what raises while it is gone through, and what is no iterable."""

# expect-stdout:
#   (39000, ['1499', '1', 'a', 'b', 1499, 2, 1499, 3, 2, 1, 0, 0, 1, 4, 9, ('a', 1), ('b', 2), 1, 2, 2, 1, 'x', 'y', 7, 8, 122])
#   11995
#   [("'NoneType' object is not iterable", 400), ("'int' object is not iterable", 400), ('Value after * must be an iterable, not NoneType', 400), ('Value after * must be an iterable, not int', 400), ("cannot use 'list' as a set element (unhashable type: 'list')", 400), ('half-way', 800)]
# expect-event: ..."kind":"loop"...

from collections import deque


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        while self.n:
            self.n -= 1
            yield self.n


class Squares:
    def __getitem__(self, index):
        if index == 4:
            raise IndexError
        return index * index


def lists(n):
    total = 0
    for i in range(n):
        d = {"a": i, "b": 2}
        parts = [*map(str, (i, 1)), *d, *d.values(), *deque([i, 3]), *Countdown(3), *Squares(), *zip("ab", (1, 2))]
        parts += [*(x for x in (1, 2)), *reversed([1, 2]), *"xy", *{7}, *frozenset([8]), *b"z"]
        total += len(parts)
    return total, parts


def sets(n):
    total = 0
    for i in range(n):
        total += len({*map(str, (i, 1)), *Countdown(2), *Squares(), *{"k": 1}.items(), *deque([i])})
    return total


def failing(n):
    def bad():
        yield 1
        raise ValueError("half-way")

    texts = {}
    for i in range(n):
        for what in (bad, lambda: 5, lambda: [[]], lambda: None):
            try:
                {*what()} if i % 2 else [*what()]
            except (ValueError, TypeError) as error:
                texts[str(error)] = texts.get(str(error), 0) + 1
    return sorted(texts.items())


print(lists(1500))
print(sets(1500))
print(failing(800))
