"""`yield from` objects whose `__iter__` is Python code, which makes a generator, an iterator or something else."""

# expect-stdout:
#   {'a': 297, 'b': 298, 'c': 299}
#   2480
#   1020
#   ['1', '1', '2', 'TypeError', 'TypeError', 'ValueError', 'ValueError', 'a', 'b', 'c']


class Section:
    def __init__(self, names):
        self.names = names

    def keys(self):
        return self.names

    def __iter__(self):
        return self.keys().__iter__()


class Tree:
    def __init__(self, value, *parts):
        self.value = value
        self.parts = parts

    def __iter__(self):
        yield self.value
        for part in self.parts:
            yield from part


class Count:
    def __init__(self, limit):
        self.limit = limit
        self.at = 0

    def __iter__(self):
        self.at = 0
        return self

    def __next__(self):
        if self.at == self.limit:
            raise StopIteration
        self.at += 1
        return self.at


class Wrong:
    def __init__(self, fails):
        self.fails = fails

    def __iter__(self):
        if self.fails:
            raise ValueError("no")
        return 5


def all_of(things):
    for thing in things:
        yield from thing


def guarded(things):
    for thing in things:
        try:
            yield from thing
        except (TypeError, ValueError) as error:
            yield type(error).__name__


def main():
    section = Section(["a", "b", "c"])
    tree = Tree(1, Tree(2, Tree(3)), Tree(4), [5, 6])
    print(dict((key, n) for n, key in enumerate(all_of([section] * 100))))
    print(sum(all_of([tree, Count(4)] * 80)))
    print(len(list(all_of([section, [1], tree, (2, 3), Count(3), "xy"] * 60))))
    print(sorted(map(str, guarded([Count(2), Wrong(True), Wrong(False), section, 5] * 50)))[::40])


main()
