"""`min`, `max`, `sorted` and `list.sort` with native functions of keys, of elements that these like and others that they do not."""

# expect-stdout:
#   0 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] nothing
#   1 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   5 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#     (1, [1, (3, 4), 2]) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   150 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] nothing
#   199 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   241 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   242 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   243 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   244 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   245 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   246 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   247 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   248 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   249 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   250 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] bbb
#   251 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   252 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   253 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   254 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   255 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   256 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   257 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   258 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   259 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   260 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] bbb
#   261 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   262 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   263 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   264 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   265 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   266 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   267 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   268 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   269 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   270 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] bbb
#   271 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   272 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   273 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   274 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   275 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] nothing
#   276 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   277 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   278 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   279 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#   280 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] bbb
#   281 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   282 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   283 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   284 {'one': 1, 'three': 3} ('three', 'one', ['one', 'three'], ['three', 'one']) ['one', 'three']
#   285 Ellipsis ('solo', 'solo', ['solo'], ['solo']) ['solo']
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   286 ['éé', '中', 'abc'] ('abc', '中', ['中', 'éé', 'abc'], ['abc', 'éé', '中']) ['abc', 'éé', '中']
#   287 [[1, 2], (), 'abc', {1: 2}] ('abc', (), [(), {1: 2}, [1, 2], 'abc'], ['abc', [1, 2], {1: 2}, ()]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   288 ['bb', 'a', 'ccc', 'dd'] ('ccc', 'a', ['a', 'bb', 'dd', 'ccc'], ['ccc', 'bb', 'dd', 'a']) ['a', 'bb', 'ccc', 'dd']
#   289 ('x', 'yy') ('yy', 'x', ['x', 'yy'], ['yy', 'x']) ['x', 'yy']
#   290 ['a', 3] TypeError: object of type 'int' has no len() TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'int' object
#     ('b', ['b', 'c', 'a']) a (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-1, 1.5, 3, -4] bbb
#   291 [Sized(3), 'ab', Sized(1)] (Sized(3), Sized(1), [Sized(1), 'ab', Sized(3)], [Sized(3), 'ab', Sized(1)]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'Sized' object
#   292 [[1], Sized(0)] ([1], Sized(0), [Sized(0), [1]], [[1], Sized(0)]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'list' object
#   293 None TypeError: 'NoneType' object is not iterable TypeError: 'NoneType' object is not iterable
#   294 7 TypeError: 'int' object is not iterable TypeError: 'int' object is not iterable
#   295 Ellipsis ValueError: max() iterable argument is empty []
#     ('b', ['b', 'c', 'a']) TypeError: '<' not supported between instances of 'NoneType' and 'int' (['1', '2', '3'], '3', ['1', '2', '3']) ([-1, True, 1.5, 3, -4], -4, [3, 1.5, True, -1, -4], [-4, -1, True, 3, 1.5]) [-4, 3, 1.5, -1] bbb
#   296 [] ValueError: max() iterable argument is empty []
#   297 ['a', 'b'] ('b', 'a', ['a', 'b'], ['b', 'a']) ['a', 'b']
#   298 ['a', 3] TypeError: object of type 'int' has no len() TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'int' object
#   299 [Sized(3), 'ab', Sized(1)] (Sized(3), Sized(1), [Sized(1), 'ab', Sized(3)], [Sized(3), 'ab', Sized(1)]) TypeError: descriptor 'lower' for 'str' objects doesn't apply to a 'Sized' object
#   d ['d', 'c', 'b', 'a'] True
#   ([['c'], ['a', 'bb']], None) ['a', 'bb'] [False, True]
#   a

import operator


class Word(str):
    def __len__(self):
        return 100

    def lower(self):
        return "zzz"


class Sized:
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __repr__(self):
        return f"Sized({self.size})"


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def longest(words):
    return max(words, key=len), min(words, key=len), sorted(words, key=len), sorted(words, key=len, reverse=True)


def lowered(words):
    words = list(words)
    words.sort(key=str.lower)
    return words


def most(counts):
    return max(counts, key=counts.get), sorted(counts, key=counts.get, reverse=True)


def most_of(counts, keys):
    get = counts.get
    return min(keys, key=get)


def numbers(texts):
    return sorted(texts, key=int), max(texts, key=float), sorted(texts, key=ord)


def sizes(values):
    return sorted(values, key=abs), max(values, key=abs), sorted(values, key=operator.neg), sorted(values, key=hash)


def backwards(values, is_reversed):
    values.sort(key=abs, reverse=is_reversed)
    return values


def defaulted(values):
    return max(values, key=len, default="nothing")


WORDS = [
    ["bb", "a", "ccc", "dd"],
    ("x", "yy"),
    {"one": 1, "three": 3},
    {"solo"},
    ["\xe9\xe9", "\u4e2d", "abc"],
    [[1, 2], (), "abc", {1: 2}],
]
ODD = [[], ["a", Word("b")], ["a", 3], [Sized(3), "ab", Sized(1)], [[1], Sized(0)], None, 7, iter(["q", "ww"])]
COUNTS = [{"a": 1, "b": 5, "c": 5}, {1: 2.5, 2: 1.5, (3, 4): 2}, {"x": None}, {}, {"x": None, "y": 1}]


def main():
    for step in range(300):
        what = step % 60 if step > 200 else step % 6
        words = WORDS[what % 6] if what < 50 else ODD[what % 8]
        found = failing(longest, words)
        small = failing(lowered, words)
        counted = failing(most, COUNTS[what % 2 if step < 200 else what % 5])
        least = failing(most_of, COUNTS[0], ["a", "b", "zz"] if what == 55 else ["b", "a"] if what != 56 else [["a"]])
        number = failing(numbers, ["3", "1", "2"] if what != 57 else ["3", "x", "2"])
        sized = failing(sizes, [3, -1, -4, 1.5, True] if what != 58 else [3, "a", Sized(1)])
        turned = failing(backwards, [3, -1, -4, 1.5], step % 2 == 1)
        empty = failing(defaulted, [] if what % 7 == 0 else ["a", "bbb"])
        if step in (0, 1, 5, 150, 199) or step > 240:
            if isinstance(words, set) or "iterator" in str(words):
                words = ...
            print(step, words, found, small)
            if step % 5 == 0:
                print(" ", counted, least, number, sized, turned, empty)


main()

# What a function of keys gives is compared by Python code, or changes the dict.


class Value:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        asked.append((self.value, other.value))
        return self.value < other.value

    def __gt__(self, other):
        asked.append((self.value, other.value))
        return self.value > other.value


asked = []
valued = {name: Value(number) for number, name in enumerate("abcd")}
for _ in range(100):
    best = max(valued, key=valued.get)
    first = sorted(valued, key=valued.get, reverse=True)
print(best, first, len(asked) > 500)

shared = ["bb", "a"]
for _ in range(100):
    both = sorted([shared, ["c"]], key=len), shared.sort(key=len)
print(both, shared, [left is shared for left in both[0]])
replaced = len
for step in range(100):
    if step == 80:
        replaced = lambda word: -len(word)
    best = max(["a", "bbb", "cc"], key=replaced)
print(best)
