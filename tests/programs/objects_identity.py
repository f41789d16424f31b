"""Which objects are the same object: what a loop stores twice is one object, what it makes anew is another."""

# expect-stdout:
#   (True, 1500)
#   (1500, True, 1500)
#   [400, 400, 1600, 400, 800]
#   (2000, 1, 0)
#   1500


def stored_twice(count):
    a = []
    b = []
    for i in range(count):
        thing = [i]
        a.append(thing)
        b.append(thing)
    return all(x is y for x, y in zip(a, b)), len(set(map(id, a)))


print(stored_twice(1500))


def tuples(count):
    kept = []
    same = 0
    for i in range(count):
        pair = (i, i + 1)
        other = pair
        if other is pair:
            same += 1
        kept.append(pair)
        kept.append(other)
    return same, all(kept[i] is kept[i + 1] for i in range(0, len(kept), 2)), len(set(map(id, kept)))


print(tuples(1500))


def singletons(count):
    hits = [0] * 5
    values = [None, True, False, ..., NotImplemented]
    for i in range(count):
        v = values[i % 5]
        hits[0] += v is None
        hits[1] += v is True
        hits[2] += v is not False
        hits[3] += v is Ellipsis
        hits[4] += (i % 5 == 1) is v
    return hits


print(singletons(2000))


def read_back(count):
    items = [object() for _ in range(5)]
    first = items[0]
    moved = 0
    for i in range(count):
        x = items[i % 5]
        items[i % 5] = items[(i + 1) % 5]
        items[(i + 1) % 5] = x
        if items[(i + 1) % 5] is x:
            moved += 1
    return moved, items.count(first), items.index(first)


print(read_back(2000))


def passed_through(count):
    def same(x):
        return x

    marker = object()
    hits = 0
    for _ in range(count):
        y = same(same(marker))
        hits += y is marker
    return hits


print(passed_through(1500))
