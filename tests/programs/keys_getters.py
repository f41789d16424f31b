"""`min`, `max`, `sorted` and `list.sort` with `itemgetter`s and with instances that are called, of rows that fit and others."""

# expect-stdout:
#   0 [[1, 2], [2, 1], [3, 1]] [[1, 2], [3, 1], [2, 1]]
#   1 [[3, 'a'], [2, 'b'], [1, 'c']] [[1, 'c'], [2, 'b'], [3, 'a']]
#   2 [[True, 0.5], [1, 1.5]] [[1, 1.5], [True, 0.5]]
#   3 [{0: 5, 1: 1}, {0: 4, 1: 2}] [{0: 4, 1: 2}, {0: 5, 1: 1}]
#   199 [{0: 5, 1: 1}, {0: 4, 1: 2}] [{0: 4, 1: 2}, {0: 5, 1: 1}]
#   386 TypeError TypeError
#   387 ['ba', 'ab'] ['ab', 'ba']
#   388 TypeError TypeError
#   389 [[2, (1, 5)], [1, (2, 3)]] [[1, (2, 3)], [2, (1, 5)]]
#   390 ['ax', 'xy'] ['xy', 'ax']
#   391 TypeError TypeError
#   392 [[3, 1], [2, 1], [1, 2]] [[1, 2], [3, 1], [2, 1]]
#   393 [[3, 'a'], [2, 'b'], [1, 'c']] [[1, 'c'], [2, 'b'], [3, 'a']]
#   394 [[True, 0.5], [1, 1.5]] [[1, 1.5], [True, 0.5]]
#   395 [{0: 5, 1: 1}, {0: 4, 1: 2}] [{0: 4, 1: 2}, {0: 5, 1: 1}]
#   396 ValueError []
#   397 IndexError IndexError
#   398 [(5, 6), (1, 2), [2, 1]] [[2, 1], (1, 2), (5, 6)]
#   399 [[3, 3], [2, 2], [1, 1]] [[1, 1], [2, 2], [3, 3]]
#   ([(1, 2)], (1, 2)) ([('k4', 6), ('k1', 5)], ('k4', 6)) [([('k0', 0), ('k1', 0)], ('k5', 0)), 'ValueError'] 9
#   ([5, 3, 2, -1], -1) 8
#   ([-1, 2, 3, 5], -1) 784
#   ([-1, 2, 3, 5], -1) 1557
#   ([5, 3, 2, -1], -1) 2330
#   ([3, -1, 2, 5], -1) 3191
#   [(1, 2), (2, 1)]
#   [(2, 1), (1, 2)]
#   [(2, 1), (1, 2)]
#   [(1, 2), (2, 1)]
#   [(2, 1), (1, 2)]
#   IndexError
#   (['a', 'b', 'c'], [('x', 'a'), ((1, 2), 'b'), (3, 'c')], 'c', ((1, 2), 'x', 3), [((1, 2), 'b'), (3, 'c'), (None, 'd')], 'b', ((1, 2), 3, None))
#   TypeError True
#   (6000, 600, (6, '3'), (638, '39'))

import operator
from operator import attrgetter, itemgetter


class Row(tuple):
    def __getitem__(self, index):
        return -tuple.__getitem__(self, index)


class Cell:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value > other.value

    def __gt__(self, other):
        return self.value < other.value


class Scale:
    calls = 0

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, number):
        Scale.calls += 1
        if number == 77:
            raise ValueError(number)
        return number * self.factor


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return type(error).__name__


def by_one(rows, index):
    return sorted(rows, key=itemgetter(index)), max(rows, key=itemgetter(index)), min(rows, key=itemgetter(index))


def by_two(rows):
    rows = list(rows)
    rows.sort(key=itemgetter(1, 0), reverse=True)
    return rows


def by_items(counts):
    return sorted(counts.items(), key=itemgetter(1), reverse=True)[:2], max(counts.items(), key=itemgetter(1, 0))


def by_given(rows, getter):
    return sorted(rows, key=getter)


def scaled(numbers, scale):
    return sorted(numbers, key=scale), max(numbers, key=Scale(-1))


ROWS = [
    [(3, 1), (1, 2), (2, 1)],
    [[3, "a"], [1, "c"], [2, "b"]],
    ((1, 1.5), (True, 0.5)),
    [{0: 5, 1: 1}, {0: 4, 1: 2}],
    [],
    [(1,), (2, 3)],
    [Row((1, 2)), (2, 1), Row((5, 6))],
    [(1, Cell(1)), (2, Cell(2)), (3, Cell(3))],
    [("a", 1), ("b", "x")],
    ["ab", "ba"],
    [(1, None), (2, 3)],
    [(1, (2, 3)), (2, (1, 5))],
    {"xy": 1, "ax": 2},
    7,
]


def shown(found):
    return str([[getattr(part, "value", part) for part in row] if type(row) is tuple else row for row in found]) if type(found) is list else "?"


def main():
    digest = []
    for step in range(400):
        rows = ROWS[step % 4] if step < 200 else ROWS[step % len(ROWS)]
        index = 1 if step % 11 else (-1 if step % 22 else 0)
        one = failing(by_one, rows, index)
        two = failing(by_two, rows)
        if step in (0, 1, 2, 3, 199) or step >= 386:
            print(step, one if isinstance(one, str) else shown(one[0]), two if isinstance(two, str) else shown(two))
        counts = {f"k{number}": (number * step) % 7 for number in range(6)}
        digest.append(failing(by_items, counts))
        digest.append(failing(by_items, {} if step % 50 == 49 else {1: 2}))
    print(digest[7], digest[-20], digest[98:100], len(set(map(str, digest))))
    numbers = [3, -1, 2, 5]
    for step in range(300):
        factor = 1 if step % 3 else -2
        found = failing(scaled, numbers + [77] if step % 100 == 99 else numbers, Scale(factor))
        if step % 97 == 0:
            print(found, Scale.calls)
    for step in range(200):
        if step == 100:
            Scale.__call__ = lambda self, number: number % 3
        found = failing(scaled, numbers, Scale(1))
    print(found, Scale.calls)
    kept = itemgetter(0)
    rows = [(2, 1), (1, 2)]
    for step in range(200):
        getter = [kept, itemgetter(1), attrgetter("__class__.__name__"), itemgetter(slice(1)), len, itemgetter(5)][step // 33 % 6]
        found = failing(by_given, rows, getter)
        if step % 33 == 32:
            print(found)
    for step in range(200):
        left = {(1, 2): "b", "x": "a", 3: "c"}
        views = sorted(left.values()), sorted(left.items(), key=itemgetter(1)), max(left.values()), tuple(left.keys())
        del left["x"]
        left[None] = "d"
        views += sorted(left.items(), key=itemgetter(1)), min(left.values()), tuple(left)
    print(views)
    for step in range(20):
        try:
            sorted(rows, key=itemgetter())
        except TypeError as error:
            found = "TypeError"
    print(found, operator.itemgetter is itemgetter)


main()


class Parts(tuple):
    pass


def pairs(count):
    """Tuples that die in lists are used again, and what they have in them is let go of."""
    made, total = [], 0
    for number in range(count):
        rows = [(number + part, str(part)) for part in range(70)]
        rows.append((rows, number, None, 1.5, "x", 2, 3, 4, 5))
        rows.append(Parts((number, number)))
        rows.pop(70)
        total += sum(len(row) for row in sorted(rows, key=itemgetter(0), reverse=True)[:5])
        made.append(rows[number % 70])
    return total, len(set(made)), made[3], made[-1]


print(pairs(600))
