"""Objects as keys of dicts and elements of sets: equal to themselves only, named and nested tuples, classes that learn to compare
while loops over them are compiled, keys that have finalisers."""

# expect-stdout:
#   (1536, 300, None, 0, False)
#   (35, 403650, 504, 750, [('Point', 35)])
#   [(300, 1, 300), (10, 30, 10), (300, 1, 300)]
#   (13, [0, 1, 2], 3809)
#   (3, 297, [0, 1, 2, 3])
#   ([('int', 80), ('node', 80), ('other', 160), ('str', 80)], 300, [15, 15], 17)

import weakref
from collections import Counter, defaultdict, namedtuple

Point = namedtuple("Point", "x y")
Line = namedtuple("Line", "start end")


class Node:
    def __init__(self, number):
        self.number = number
        self.near = []


class Learns:
    """Gets `__eq__` and `__hash__` later."""

    def __init__(self, number):
        self.number = number


class Pair(tuple):
    """Compared by its first element."""

    def __eq__(self, other):
        return self[0] == other[0]

    def __hash__(self):
        return hash(self[0])


class Dies:
    died = []

    def __init__(self, number):
        self.number = number

    def __del__(self):
        Dies.died.append(self.number)


def graph(count):
    nodes = [Node(n) for n in range(count)]
    for node in nodes:
        for step in (1, 5, 11):
            node.near.append(nodes[(node.number * step + step) % count])
    return nodes


def distances(nodes):
    seen = {nodes[0]}
    found = {nodes[0]: 0}
    waiting = [nodes[0]]
    for node in waiting:
        for other in node.near:
            if other not in seen:
                seen.add(other)
                found[other] = found[node] + 1
                waiting.append(other)
    return sum(found.values()), len(seen), found.get(Node(0)), found.pop(nodes[0]), nodes[0] in found


def tuples(count):
    grid = defaultdict(int)
    lines = {}
    for n in range(count):
        point = Point(n % 7, n // 7 % 5)
        grid[point] += n
        line = Line(point, Point(n % 3, (n, ("deep", None, 1.5))[n % 2]))
        lines[line] = lines.setdefault(line, 0) + 1
        if n % 11 == 0:
            del lines[line]
        grid[(n % 7, n // 7 % 5)] -= 1
    kinds = Counter(type(point).__name__ for point in grid)
    return len(grid), sum(grid.values()), len(lines), sum(lines.values()), sorted(kinds.items())


def learning(count):
    things = [Learns(n % 10) for n in range(count)]
    sizes = []
    for round in range(3):
        if round == 1:
            Learns.__eq__ = lambda self, other: self.number == other.number
            Learns.__hash__ = lambda self: self.number % 3
        if round == 2:
            del Learns.__eq__, Learns.__hash__
        known = {}
        for thing in things:
            known[thing] = known.get(thing, 0) + 1
        sizes.append((len(known), max(known.values()), len(set(things))))
    return sizes


def pairs(count):
    known = {}
    for n in range(count):
        known[Pair((n % 13, n))] = n
    return len(known), [key[1] for key in known][:3], sum(known.values())


def dying(count):
    kept = {}
    last = []
    for n in range(count):
        thing = Dies(n)
        kept[thing] = n
        last.append(thing)
        if len(last) > 3:
            gone = last.pop(0)
            del kept[gone]
            if n % 5 == 0:
                last.append(weakref.ref(gone, lambda _: Dies.died.append("watched")))
                last.pop()
            del gone
    return len(kept), len(Dies.died), Dies.died[:4]


def classes(count):
    handlers = {int: "int", str: "str", Node: "node", len: "len", type: "type"}
    found = Counter()
    for n in range(count):
        found[handlers.get(type((1, "a", Node(n), None, 2.5)[n % 5]), "other")] += 1
    members = {1: [], 2: []}
    nodes = [Node(n) for n in range(30)]
    hits = 0
    for n in range(count):
        hits += nodes[n % 40] in nodes if n % 40 < 30 else Node(n) in nodes
        if nodes[n % 30] not in members[1 + n % 2]:
            members[1 + n % 2].append(nodes[n % 30])
    return sorted(found.items()), hits, [len(some) for some in members.values()], nodes.index(nodes[17])


def main():
    print(distances(graph(300)))
    print(tuples(900))
    print(learning(300))
    print(pairs(300))
    print(dying(300))
    print(classes(400))


main()
