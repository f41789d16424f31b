"""Loops over instances with __iter__ and __next__, and builtins that gather what generators yield."""

# expect-stdout:
#   361800
#   (126355.5, 500, [])
#   (500, [('ValueError', 'at 350', ['failing', '__next__'])], 62479)
#   (400, [2, -1, 3, -1, 0, -1, 1, -1, 2, -1, 3, -1])
#   ["'object' object is not iterable", "iter() returned non-iterator of type 'NoNext'", "iter() returned non-iterator of type 'int'"]
#   (3218, ['', '0', '0-1', '0-1-2'], 4)
#   ([(0, 0), (1, 1), (2, 2), (0, 103), (1, 103)], 2, 0)
#   ["'>' not supported between instances of 'str' and 'int'", "cannot use 'list' as a set element (unhashable type: 'list')", 'max() iterable argument is empty', 'sequence item 0: expected str instance, int found']


class Count:
    def __init__(self, n):
        self.n = n
        self.i = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        return self.i


class Fresh:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return Count(self.n)


class ByGenerator(Fresh):
    def __iter__(self):
        for i in range(self.n):
            yield i


def summed(n):
    total = 0
    for x in Count(n):
        total += x
    for x in Fresh(n):
        total -= x * 2
    for x in ByGenerator(n):
        total += x * 3
    for k in range(n):
        for x in Fresh(k % 5):
            total += x
        for x in ByGenerator(k % 4):
            total += x
    return total


print(summed(600))


class Slotted:
    __slots__ = ("at", "values")

    def __init__(self, values):
        self.at = -1
        self.values = values

    def __iter__(self):
        return self

    def __next__(self):
        self.at += 1
        try:
            return self.values[self.at]
        except IndexError:
            raise StopIteration() from None


def slotted(n):
    total = 0
    it = Slotted([x * 1.5 if x % 40 == 7 else x for x in range(n)])
    for x in it:
        total += x
    return total, it.at, list(it)


print(slotted(500))


class Failing(Count):
    def __next__(self):
        value = super().__next__()
        if value == 350:
            raise ValueError("at %d" % value)
        return 1000 // (value - 200) if value % 2 else value


def failing(n):
    out = []
    it = Failing(n)
    while True:
        try:
            for x in it:
                out.append(x)
        except (ValueError, ZeroDivisionError) as error:
            lines = []
            tb = error.__traceback__
            while tb:
                lines.append(tb.tb_frame.f_code.co_name)
                tb = tb.tb_next
            out.append((type(error).__name__, str(error), lines))
        else:
            break
    return len(out), [x for x in out if isinstance(x, tuple)], sum(x for x in out if isinstance(x, int))


print(failing(500))


class Dying(Count):
    log = []

    def __del__(self):
        self.log.append(self.i)


def dying(n):
    for k in range(n):
        for x in Dying(k % 4):
            if x == 3:
                break
        Dying.log.append(-1)
    return len(Dying.log), Dying.log[-12:]


print(dying(200))


class NotAnIterator:
    def __iter__(self):
        return 5


class NoNext:
    def __iter__(self):
        return self


def wrong(n):
    out = set()
    for k in range(n):
        for thing in (NotAnIterator(), NoNext(), object()):
            try:
                for x in thing:
                    out.add(x)
            except TypeError as error:
                out.add(str(error))
    return sorted(out)


print(wrong(100))


def gathered(n):
    total = 0
    words = []
    for k in range(n):
        total += len(set(x % 3 for x in range(k % 7))) + len(frozenset((x, k % 2) for x in range(k % 4)))
        total += max((x * k % 11 for x in range(1, 6))) - min(x * k % 7 for x in range(1, 4))
        total += sorted(-x for x in range(k % 5 + 1))[0]
        words.append("-".join(str(x) for x in range(k % 4)))
        total += len("".join(chr(97 + x) for x in range(k % 6)))
    return total, words[-4:], len(set(words))


print(gathered(300))


class Keyed:
    made = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        Keyed.made += 1
        return self.n % 3

    def __eq__(self, other):
        Keyed.made += 100
        return self.n == other.n

    def __lt__(self, other):
        Keyed.made += 10000
        return self.n < other.n


def keyed(n):
    log = []

    def noisy(k):
        for i in range(k):
            log.append((i, Keyed.made))
            yield Keyed(i % 2)

    for k in range(n):
        Keyed.made = 0
        size = len(set(noisy(3)))
        low = min(noisy(2)).n
    return log[-5:], size, low


print(keyed(120))


def refused(n):
    out = set()
    for k in range(n):
        for f in (lambda: ",".join(x for x in (1, 2)), lambda: set([x] for x in range(2)), lambda: max(x for x in ())):
            try:
                f()
            except (TypeError, ValueError) as error:
                out.add(str(error))
        try:
            max(x if k % 3 else "a" for x in (k, "b"))
        except TypeError as error:
            out.add(str(error))
    return sorted(out)


print(refused(90))
