"""Sorting tuples, and the smallest and largest of them: of numbers and strings, of unequal lengths, of what has no order."""

# expect-stdout:
#   (([(), (0, 0.0, '0', 0), (0, 0.5, '1', 13), (0, 1.0, '2', 26)], [(9, 2.5, '1', 5), (10, 0.5, '3', 7), (12,)], (), (12, 2.5, '3', 11)), True, [(1.0, -5), (1.0, 1), (1.0, 4), (1.0, 7)])
#   [((0, "'<' not supported between instances of 'int' and 'str'"), 100), ((1, '([0, 1, 1], 2, 1)'), 100), ((2, '([0, 1, True], 2, True)'), 100), ((3, '([nan, 1.0, 1180591620717411303424], 2, nan)'), 100), ((4, "'<' not supported between instances of 'NoneType' and 'tuple'"), 50), ((4, '([1, 1], 2, 1)'), 50)]
# expect-event: ..."kind":"loop"...

def rows(count):
    table = [(n * 7 % 13, n * 0.5 % 3, str(n % 4), n) for n in range(count)]
    table += [(3, 1.0), (3, 1.0, "1"), (), (12,), (3, -0.0), (3, 0.0, "0")]
    return table


def sorts(turns):
    found = None
    for turn in range(turns):
        table = rows(40)
        table.sort()
        found = table[:4], sorted(rows(9))[-3:], min(rows(25)), max(rows(30))
        table = [(n // 7 % 3, "x") for n in range(30)]
        kept = sorted(table)
        same = [a is b for a, b in zip(kept, sorted(kept))]
        pairs = sorted([(float(n % 3), n) for n in range(9)] + [(1.0, -5)])
    return found, all(same), pairs[3:7]


class Wrapped:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number > other.number


def unusual(turns):
    tally = {}
    for turn in range(turns):
        kind = turn % 5
        if kind == 0:
            table = [(1, "a"), (1, 2)]
        elif kind == 1:
            table = [(1, Wrapped(2)), (1, Wrapped(3)), (0, Wrapped(1))]
        elif kind == 2:
            table = [(True, 2), (1, 1), (0, 9)]
        elif kind == 3:
            table = [(float("nan"), 1), (1.0, 2), (2**70, 3)]
        else:
            table = [(1, (2, 3)), (1, (2, 2)), (1, None)][: 2 + turn % 2]
        try:
            shown = [row[0] for row in sorted(table)], len(min(table)), max(table)[0]
        except TypeError as error:
            shown = str(error)
        tally[kind, str(shown)] = tally.get((kind, str(shown)), 0) + 1
    return sorted(tally.items())


print(sorts(300))
print(unusual(500))
