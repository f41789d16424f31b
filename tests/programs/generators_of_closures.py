"""Generators of functions that are made anew by each call and call themselves: begun, given up, thrown into, looked at."""

# expect-stdout:
#   45 45 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] 285
#   [(0, 'closed'), (3, 'closed'), (6, 'closed')] 120
#   ['walk', 'walk.<locals>.inner', 'main.<locals>.tree'] 200
#   40 ['thrown 1', 'thrown 2'] 7
#   [11, 2] 60

import sys


def build(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return (build(low, middle), middle, build(middle + 1, high))


def sums(root):
    def walk(node):
        if node:
            yield from walk(node[0])
            yield node[1]
            yield from walk(node[2])

    def loop(node):
        if node is not None:
            for key in loop(node[0]):
                yield key
            yield node[1]
            for key in loop(node[2]):
                yield key

    return sum(walk(root)), sum(loop(root)), list(walk(root)), sum(n * key for n, key in enumerate(walk(root)))


def given_up(limit):
    log = []

    def walk(node):
        try:
            if node:
                yield from walk(node[0])
                yield node[1]
                yield from walk(node[2])
        finally:
            if node and node[1] == limit:
                log.append((limit, "closed"))

    found = 0
    for key in walk(build(0, 9)):
        found += key
        if key >= limit:
            break
    return found, log


def names():
    """The function of a generator is the one that was called."""
    seen = set()

    def walk():
        def inner(depth):
            if depth:
                yield from inner(depth - 1)
            yield depth

        generator = inner(3)
        seen.add(generator.gi_code.co_qualname.replace("names.<locals>.", ""))
        return generator

    kept = [walk() for _ in range(20)]
    return sum(map(sum, kept)), seen


def thrown():
    caught = []

    def walk(depth):
        try:
            if depth:
                yield from walk(depth - 1)
            else:
                yield 1
                yield 2
        except ValueError as error:
            caught.append(f"thrown {error}")
            yield 3

    total = 0
    for turn in range(1, 3):
        generator = walk(4)
        total += next(generator)
        total += generator.throw(ValueError(turn))
        total += sum(generator)
    return total, caught


def bound_again():
    """The cell's function changes while generators of the one before are alive."""

    def step(n):
        if n:
            yield from step(n - 1)
        yield n

    first = step(3)
    next(first)
    old = step

    def step(n):
        yield 10 + n

    return list(old(2)), sum(first), sum(len(list(step(n))) for n in range(54))


def main():
    root = build(0, 10)
    for _ in range(40):
        result = sums(root)
    print(*result)
    logs = [given_up(limit) for limit in (0, 3, 6) for _ in range(20)]
    print([log[0] for _, log in logs[::20]], sum(found for found, _ in logs[20:40]))

    def tree():
        return names()

    total, seen = tree()
    for _ in range(30):
        names()
    print(["walk", *sorted(seen), tree.__qualname__], 80 + total)
    for _ in range(30):
        total, caught = thrown()
    print(5 * total, caught, len({id(thrown) for _ in range(3)}) + 6)
    for _ in range(30):
        old, rest, count = bound_again()
    print(old, rest + count)


sys.setrecursionlimit(500)
main()
