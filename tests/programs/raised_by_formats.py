"""Formatting that raises late in a hot loop, by natives and by `__format__` in Python; what raises in the middle of a list or set
display; sums whose partial sum is a list."""

# expect-stdout:
#   5 (8, [('TypeError: unsupported format string pas', 40), ('s    ', 20), ('t    ', 20)])
#   d (6, [('ValueError: Invalid format specifier: d', 300), ("ValueError: Unknown format code 'd' for ", 340), ('d', 300)])
#   .2f (7, [('3.00', 300), ('TypeError: unsupported format string pas', 40), ("ValueError: Unknown format code 'f' for ", 40)])
#   >8 (8, [('    1.25', 300), ('>8', 300), ('TypeError: unsupported format string pas', 40)])
#   %Y (4, [('TypeError: unsupported format string pas', 40), ('ValueError: Invalid format specifier', 960), ('ValueError: Invalid format specifier: %Y', 300)])
#   (2000, [('LookupError: no x for 979', 1), ('LookupError: no x for 986', 1), ('LookupError: no x for 993', 1)]) (2000, [('LookupError: no spec for 979', 1), ('LookupError: no spec for 986', 1), ('LookupError: no spec for 993', 1)])
#   (2000, [('text 996!', 1), ('text 997!', 1), ('text 998!', 1)])
#   (-36080, 3919)
#   ([4, 5, 5, 6, 7, 7, '10 after 7', '10 after 7', "object of type 'int' has no len()", 1, 2, 3, 3], 1500)
#   [3, 4, 5, 6, 7, None, [None, 9], 0, [None, 0], 1, 2, 3, 4, 5, 6, 7, None, [None, 9], None, 0, 1, 2]
# expect-event: ..."kind":"loop"...

from decimal import Decimal
from datetime import date


class Fussy:
    def __init__(self, n):
        self.n = n

    def __format__(self, spec):
        if self.n % 7 == 6:
            raise LookupError(f"no {spec or 'spec'} for {self.n}")
        return f"<{self.n}{spec}>"


class Text:
    def __init__(self, n):
        self.n = n

    def __str__(self):
        if self.n % 5 == 4:
            raise KeyError(self.n)
        return f"text {self.n}"


def tally(function, values, *rest):
    counts = {}
    for value in values:
        try:
            text = function(value, *rest)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        counts[text[:40]] = counts.get(text[:40], 0) + 1
    return len(counts), sorted(counts.items())[-3:]


def with_spec(value, spec):
    return f"{value:{spec}}"


def plain(value):
    return f"{value}!"


def gone_through(n):
    def some(k):
        yield k
        if k % 50 == 49:
            raise ValueError("half-way")

    lists = sets = 0
    for k in range(n):
        try:
            lists += len([0, *some(k)])
            sets += len({0, *some(k)})
        except ValueError:
            lists -= 1000
    return lists, sets


class Piece:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        if other == 0:
            return [self.n]
        if self.n % 11 == 10:
            raise ValueError(f"{self.n} after {len(other)}")
        return other + [self.n] if self.n % 3 else other


def pieces(n):
    found = []
    for k in range(n):
        try:
            found.append(len(sum(Piece(i) for i in range(k % 13))))
        except (ValueError, TypeError) as error:
            found.append(str(error))
    return found[-13:], len(found)


class Vanishing:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        return None if self.n % 9 == 8 else [other, self.n] if other is None else self.n


def vanished(n):
    return [sum((Vanishing(i) for i in range(k % 11)), *([] if k % 2 else [None])) for k in range(n)][-22:]


mixed = [1, 2.5, Decimal("1.25"), date(2024, 1, 2), 3] * 300 + ["s", None, [], 1, "t"] * 20
for spec in ("5", "d", ".2f", ">8", "%Y"):
    print(spec, tally(with_spec, mixed, spec))
print(tally(with_spec, [Fussy(n) for n in range(2000)], "x"), tally(plain, [Fussy(n) for n in range(2000)]))
print(tally(plain, [Text(n) for n in range(2000)]))
print(gone_through(2000))
print(pieces(1500))
print(vanished(1500))
