"""Iterating over dicts, their views and sets: entries that were removed, containers that change, pairs that are kept."""

# expect-stdout:
#   (10715805, ['new2', 'new3', 'new4'])
#   ([(17, '17'), (18, '18'), (19, '19')], 300, (0, '0'), False)
#   [(0, 21, 'dictionary changed size during iteration'), (1, 21, 'dictionary changed size during iteration'), (2, 21, 'dictionary changed size during iteration'), (3, 45, 10), (4, 45, 10), (5, 21, 'Set changed size during iteration'), (6, 21, 'Set changed size during iteration')]
#   -126600
#   (480, [0, (0, 2), 1, 2, 3, (0, 0), (0, 1), (0, 3), 0, (1, 2), 1, 2, 3, (1, 0)], 5736143171798282389)
#   88200
#   202400
# expect-event: ..."kind":"loop"...

def totals(count):
    table = {f"key{n}": n for n in range(40)}
    for n in range(0, 40, 3):
        del table[f"key{n}"]
    total = 0
    for turn in range(count):
        for key, value in table.items():
            total += len(key) * value
        for key in table:
            total += len(key)
        for key in table.keys():
            total -= len(key)
        for value in table.values():
            total += value
        for n, (key, value) in enumerate(table.items()):
            total += n * value
        table[f"new{turn % 5}"] = turn
    return total, list(table)[-3:]


def pairs(count):
    table = {n: str(n) for n in range(20)}
    kept = []
    for turn in range(count):
        for pair in table.items():
            if pair[0] == turn % 20:
                kept.append(pair)
        for pair in table.items():
            break
    return kept[-3:], len(kept), pair, kept[0] is kept[1]


def changed(count):
    """The container grows, shrinks or gets other keys while it is gone through."""
    found = []
    for turn in range(count):
        table = {n: n for n in range(10)}
        elements = set(range(10))
        kind = turn % 7
        seen = 0
        try:
            if kind < 5:
                for key, value in table.items():
                    seen += key
                    if key == 6:
                        if kind == 0:
                            table["x"] = 1
                        elif kind == 1:
                            del table[9]
                        elif kind == 2:
                            del table[2]
                            table["y"] = 2
                        elif kind == 3:
                            table[3] = "other"
                        else:
                            table.popitem()
                            table[9] = 9
            else:
                for element in elements:
                    seen += element
                    if element == 6 and kind == 5:
                        elements.add(100)
                    elif element == 6:
                        elements.discard(9)
                        elements.add(9)
        except RuntimeError as error:
            found.append((kind, seen, str(error)))
        else:
            found.append((kind, seen, len(table)))
    return sorted(set(found))


def shared(count):
    """One iterator in several loops, and next() on it."""
    table = {n: -n for n in range(30)}
    total = 0
    for turn in range(count):
        items = iter(table.items())
        for key, value in items:
            if key == 5:
                break
        total += next(items)[0]
        for key, value in items:
            total += value
        total += len(list(items))
        values = iter(table.values())
        for value in values:
            total += next(values, 1000)
    return total


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


log = []


def finalised(count):
    for turn in range(count):
        table = {n: Loud((turn, n)) for n in range(4)}
        for key, value in table.items():
            if key == 1:
                table[2] = None
            log.append(key)
        del table
        value = None
    return len(log), log[:14], hash(tuple(log))


def elements(count):
    words = {"a", "b", "c"}
    numbers = {n * n for n in range(50)} - {4, 9}
    frozen = frozenset(numbers)
    total = 0
    for turn in range(count):
        for number in numbers:
            total += number
        for number in frozen:
            total -= number
        for word in words:
            total += ord(word)
    return total


def yielded(table):
    yield from table.items()


def delegated(count):
    table = {n: n * 2 for n in range(12)}
    return sum(a * b for _ in range(count) for a, b in yielded(table))


print(totals(300))
print(pairs(300))
print(changed(700))
print(shared(200))
print(finalised(60))
print(elements(300))
print(delegated(200))
