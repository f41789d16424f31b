"""`chain` and `islice` over what is stepped without Python code and what is not, shared, changed on the way, derived, ended."""

# expect-stdout:
#   0 [1, 2, 3, 4, 5, 6, 7, 8] [1, 2, 3, 4, 5, 6, 7, 8] (1, 2, (3, 4, 5, 6, 7, 8), 'end', []) True [1, 2, 3, 4, 5, 6, 7, 8]
#   1 [1] [1] (1, None, (), 'end', []) True [1]
#   232 [1, 2, 3, 4, 5, 6, 7, 8] [1, 2, 3, 4, 5, 6, 7, 8] (1, 2, (3, 4, 5, 6, 7, 8), 'end', []) True [1, 2, 3, 4, 5, 6, 7, 8]
#   233 [1] [1] (1, None, (), 'end', []) True [1]
#   234 [] [] (None, None, (), 'end', []) True []
#   235 ['a', 'b', 'x', 'y', 7] ['a', 'b', 'x', 'y', 7] ('a', 'b', ('x', 'y', 7), 'end', []) True ['a', 'b', 'x', 'y', 7]
#   236 [1180591620717411303424, 1180591620717411303425, None] [1180591620717411303424, 1180591620717411303425, None] (1180591620717411303424, 1180591620717411303425, (None,), 'end', []) True [1180591620717411303424, 1180591620717411303425, None]
#   237 TypeError: 'int' object is not iterable TypeError: 'int' object is not iterable TypeError: 'int' object is not iterable True TypeError: 'int' object is not iterable
#   238 [1, 0, 1, 4, 2] [1, 2] (1, 2, (), 'end', []) False [1, 2]
#   239 ValueError: two [1, 2] (1, 2, (), 'end', []) False [1, 2]
#   (5,) 0 [1, 2, 3, 4] ['end', 5, []]
#   (2, 9) 2 [3, 4, 5, 6, 7, 8] ['end', 9, []]
#   (3, 30, 4) 3 [7, 11, 15, 19, 23, 27] ['end', 30, []]
#   (3, None, 11) 3 [14, 25, 36] ['end', 'over', []]
#   (None, 4) 0 [1, 2, 3] ['end', 4, []]
#   (0,) none [] ['end', 0, []]
#   (50, 60) none [] ['end', 'over', []]
#   (0, None, 39) 0 [39] ['end', 'over', []]
#   (1, 40, 1) 1 [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39] ['end', 'over', []]
#   (None,) 0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39] ['end', 'over', []]
#   (7, 3) none [] ['end', 7, []]
#   ['ValueError', 'ValueError', 'TypeError']
#   [([1, 2, 0, 9], [0, 1, 2, 3, 4]), ([1, 2, 3, 4, 1, 2, 3, 4, 1, 1], [0, 1, 2, 3, 4])] 4
#   450 [-2, -1, 0, 0, 0, 0, 0, 1, 2] 0
#   4956 1
#   [(0, [2])] True [1]

from itertools import chain, islice


class Own(chain):
    pass


class Ends:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return self

    def __next__(self):
        self.count -= 1
        if self.count == 2:
            raise ValueError("two")
        if self.count < 0:
            raise StopIteration
        return self.count


class Dies:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        dead.append(self.number)


dead = []


def numbers(count):
    for number in range(count):
        yield number * number


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def all_of(make, *parts):
    return list(make(*parts))


def looped(make, *parts):
    total = []
    for element in make(*parts):
        total.append(element)
    return total


def several(make, *parts):
    iterator = make(*parts)
    first, second = next(iterator, None), next(iterator, None)
    rest = tuple(iterator)
    return first, second, rest, next(iterator, "end"), list(iterator)


PARTS = [
    ([1, 2, 3], (4, 5), range(6, 9)),
    ([], (), range(0), [1]),
    (),
    ("ab", {"x": 1, "y": 2}, {7}),
    (range(1 << 70, (1 << 70) + 2), [None]),
    ([1], 7, [2]),
    ([1], [2], Ends(5)),
    ([1], numbers(3), [2]),
]


def main():
    for step in range(240):
        parts = PARTS[step % 2 if step < 120 else step % len(PARTS)]
        if step % len(PARTS) >= 6:
            parts = ([1], [2], Ends(5 if step % 16 > 8 else 1)) if step % 2 else ([1], numbers(step % 5), [2])
        found = [failing(ask, make, *parts) for ask in (all_of, looped, several) for make in (chain, Own)]
        joined = failing(lambda: list(chain.from_iterable(parts)))
        if step in (0, 1) or step >= 232:
            print(step, found[0], found[2], found[4], found[0] == found[1] and found[2] == found[3], joined)


def sliced():
    source = list(range(40))
    cuts = [(5,), (2, 9), (3, 30, 4), (3, None, 11), (None, 4), (0,), (50, 60), (0, None, 39), (1, 40, 1), (None,), (7, 3)]
    for step in range(330):
        cut = cuts[step % 3 if step < 150 else step % len(cuts)]
        shared = iter(source)
        iterator = islice(shared, *cut)
        first, rest = next(iterator, "none"), list(iterator)
        again = [next(iterator, "end"), next(shared, "over"), list(iterator)]
        others = list(islice(numbers(30), *cut)), list(islice("abcdefghijklm", *cut)), looped(islice, range(20), *cut)
        assert others[0] == [number * number for number in range(30)][slice(*cut)], (step, others)
        assert "".join(others[1]) == "abcdefghijklm"[slice(*cut)]
        assert others[2] == list(range(20))[slice(*cut)]
        if step >= 319:
            print(cut, first, rest, again)
    for step in range(60):
        found = failing(lambda: list(islice([1, 2], -1))), failing(lambda: list(islice([1], 1, 2, 0))), failing(lambda: list(islice(7, 1)))
    print([text.split(":")[0] for text in found])


def changed():
    """Lists that grow, shrink and die while an iterator over them is under way."""
    found = []
    for step in range(200):
        source = [1, 2, 3]
        iterator = chain(source, source)
        taken = [next(iterator)]
        source.append(4)
        taken.append(next(iterator))
        if step % 3 == 0:
            source.clear()
        taken += iterator
        source.append(9)
        taken += iterator
        limited = islice(source, 2)
        source.insert(0, step % 2)
        taken += limited
        growing = [0]
        for element in chain(growing, [7]):
            if len(growing) < 5:
                growing.append(element + 1)
        found.append((taken, growing))
    print(found[-2:], len({str(each) for each in found}))
    for step in range(150):
        iterator = chain([Dies(step)], islice([Dies(-step), Dies(0)], 1))
        next(iterator)
        list(iterator) if step % 2 else None
        del iterator
    print(len(dead), sorted(dead[:9]), sum(dead))
    nested = chain([1, 2], [3])
    for step in range(100):
        nested = chain(nested, [step])
    print(sum(nested), sum(chain(nested, [1])))
    inner = []
    both = chain(inner, [1])
    inner.append(both)
    for step in range(80):
        outer = chain([0], [2])
        found = [(element, list(islice(outer, 1))) for element in outer]
    print(found, next(both) is both, list(both))


main()
sliced()
changed()
