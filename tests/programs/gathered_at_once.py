"""`list`, `tuple`, `dict`, `sum`, `join` and the like of `zip`, `enumerate`, `reversed` and `map` that are not kept: what they
give is gathered at once; what is kept, half used, raises, or runs Python code is as always."""

# expect-stdout:
#   [('a', 1), ('b', 2), ('c', 3)] {'a': 1, 'b': 2} (('x', 0, 1.5), ('é', 1, 2.5))
#   [(5, 'a'), (6, 'b')] {0: 'a', 1: 'b'} [3, 2, 1] ('b', 'a')
#   [1, 2, 3] 6 1 2 3 {3, 4} ['1', '10', '9'] 9 -4
#   2 7 [1, 2] 10 ['A', 'B'] [0, 3]
#   [('a', 2)] [('a', 1), ('b', 2)] [2, 3] [1]
#   invalid literal for int() with base 10: 'x' | unhashable type: 'list'
#   [16, 16, 16] 1200 {'k0': 0, 'k1': 1} 400
#   [1, 2, 3] ['1', '2'] 0 [(0, 10), (1, 11)] 9223372036854775806
#   12345678901234567890123 -5 7 [1.5, 2.0] [True, False]
#   [(1, 10)] [3] [] [(0, 4)] [5] ['6'] [] [(1, 2), (3, 4)]
# expect-event: ..."kind":"loop"...
# options:


def zipped(count):
    keys, values, text = ["a", "b", "c"], (1, 2, 3), "xé"
    for _ in range(count):
        rows = list(zip(keys, values))
        table = dict(zip(keys, range(1, 3)))
        wide = tuple(zip(text, range(2), [1.5, 2.5, 3.5]))
    return rows, table, wide


def counted(count):
    for i in range(count):
        rows = list(enumerate("ab", 5))
        table = dict(enumerate(["a", "b"]))
        back = list(reversed([1, 2, 3]))
        other = tuple(reversed(("a", "b")))
    return rows, table, back, other


def mapped(count):
    text = "1 2 3"
    for _ in range(count):
        numbers = list(map(int, text.split()))
        total = sum(map(int, text.split()))
        line = " ".join(map(str, numbers))
        few = set(map(abs, (-3, 4, 3)))
        texts = sorted(map(str, (9, 10, 1)))
        large, small = max(map(int, ("4", "9"))), min(map(int, ["-4", "9"]))
    return numbers, total, line, few, texts, large, small


def unpacked(count):
    total = 0
    for _ in range(count):
        a, b = map(int, "2 7".split())
        lengths = list(map(len, ([1], [2, 3])))
        total += sum(map(len, ["abc", "d"]))
        upper = list(map(str.upper, "ab"))
        places = [each for each in map(int, "03")]
    return a, b, lengths, total * 10 // count // 4, upper, places


def kept(count):
    for _ in range(count):
        pairs = zip(["a", "b"], [1, 2])
        again = pairs
        first = [next(pairs)]
        half = list(again)
        half_map = map(int, "123")
        next(half_map)
        rest = list(half_map)
        pairs = zip("ab", (1, 2))
        whole = list(pairs)
        gone = list(pairs)
        source = [1]
        late = map(int, source)
        one = list(late)
    return [(first[0][0], half[0][1] + len(gone))], whole, rest, one


def raising(count):
    told = []
    for i in range(count):
        try:
            list(map(int, ["1", "x" if i == count - 1 else "2"]))
        except ValueError as error:
            told.append(str(error))
        try:
            dict(zip([[1] if i == count - 1 else 1], [2]))
        except TypeError as error:
            told.append(str(error).split(" (")[-1].rstrip(")") if "(" in str(error) else str(error))
    return " | ".join(told)


class Key:
    hashed = 0

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        Key.hashed += 1
        return self.number

    def __eq__(self, other):
        return self.number == other.number

    def __str__(self):
        return f"k{self.number}"

    def __len__(self):
        return 16


def python_keys(count):
    keys = [Key(i) for i in range(3)]
    for i in range(count):
        table = dict(zip(keys, range(3)))
        named = dict(zip(map(str, keys), range(2)))
        lengths = list(map(len, keys))
    return lengths, Key.hashed, named, len(table) * count // 3


def ranges(count):
    huge = 0
    for _ in range(count):
        numbers = list(map(int, range(1, 4)))
        texts = list(map(str, range(1, 3)))
        nothing = sum(map(int, range(3, 1)))
        rows = list(zip(range(9), range(10, 12)))
        huge = max(list(zip(range((1 << 63) - 3, (1 << 63) - 1), (1, 2))))[0]
    return numbers, texts, nothing, rows, huge


def converted(count):
    for _ in range(count):
        large, negative, spaced = map(int, ("12345678901234567890123", "-5", " 7 "))
        floats = list(map(float, ("1.5", 2)))
        truths = list(map(bool, ("x", "")))
    return large, negative, spaced, floats, truths


def shared(count):
    for _ in range(count):
        a, b, c, d = iter([1, 2, 3]), iter([10]), iter((4, 5)), iter([6])
        pairs, left, none = list(zip(a, b)), list(a), list(zip(b, a))
        first = [next(enumerate(c))]
        rest = list(c)
        texts = list(map(str, d))
        ended = list(d)
        e = iter([1, 2, 3, 4, 5])
        twos = list(zip(e, e))
    return pairs, left, none, first, rest, texts, ended, twos


print(*zipped(400))
print(*counted(400))
print(*mapped(400))
print(*unpacked(400))
print(*kept(400))
print(raising(400))
print(*python_keys(400))
print(*ranges(400))
print(*converted(400))
print(*shared(400))
