"""`sorted`, `list.sort`, `min` and `max` of everything: by value, by what Python code says, stable, reversed, with functions of
keys that fail or change the list."""

# expect-stdout:
#   [] [] [1] [(1,), (2,)]
#   [False, 0, 0.0, -0.0, True, 1, 1.0, 2] [2, True, 1, 1.0, False, 0, 0.0, -0.0]
#   [-9223372036854775809, -3, 2.5, 9007199254740992.0, 9007199254740993, 18446744073709551616] 18446744073709551616 -9223372036854775809
#   ['', 'A', 'Z', 'a', 'aa', 'ab', 'z', '\xe9', '\u4e2d', '\U0001f600']
#   [(1, 'a', 2.5), (1, 'b', 1), (1, 'b', 1.5), (2, 'a', 0)] [(), (1,), (1, 2), (2,)]
#   [3.0, nan, 1.0] nan 1.0
#   [Odd(1), Odd(2), Odd(3)] Odd(1) Odd(3) Odd(2)
#   sorted TypeError '<' not supported between instances of 'str' and 'int'
#   sorted ValueError 7 [3, 7, 5]
#   sort ValueError list modified during sort
#   min ValueError min() iterable argument is empty
#   max TypeError max() got an unexpected keyword argument 'reverse'
#   sorted TypeError sorted expected 1 argument, got 2
#   sorted TypeError 'int' object is not iterable
#   (0, 'a') (0, 'a') (3, 'd') (1, 'b') 5 nothing 9
#   [6, 3, 0, 7, 4, 1, 8, 5, 2] [8, 5, 2, 7, 4, 1, 6, 3, 0] [[0], [1], [1, 2]]
#   [1, 2, 3, 4] 4 1
#   0 sorted sort min max builtins

import random


class Odd:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value < other.value

    def __repr__(self):
        return f"Odd({self.value})"


class Backwards(int):
    def __lt__(self, other):
        return int(self) > int(other)


def failing(name, action):
    try:
        print(action())
    except Exception as error:
        print(name, type(error).__name__, error)


def main():
    print(sorted([]), sorted(()), sorted({1: 2}), sorted({(2,), (1,)}))
    mixed = [True, 1, False, 2, 0, 0.0, 1.0, -0.0]
    print(sorted(mixed), sorted(mixed, reverse=True))
    large = [1 << 64, 9007199254740993, -3, 2.5, -(1 << 63) - 1, 9007199254740992.0]
    print(sorted(large), max(large), min(large))
    print(ascii(sorted("z \xe9 a ab aa A Z \u4e2d \U0001f600".split(" ") + [""])))
    print(sorted([(2, "a", 0), (1, "b", 1.5), (1, "a", 2.5), (1, "b", 1)]), sorted([(2,), (1, 2), (), (1,)]))
    nan = float("nan")
    print(sorted([3.0, nan, 1.0], key=lambda x: 0), min([nan, 1.0]), min([1.0, nan]))
    odd = [Odd(3), Odd(1), Odd(2)]
    print(sorted(odd), min(odd), max([Odd(1), Odd(3)], key=lambda o: o.value), min(odd, key=lambda o: Backwards(o.value) % 2))
    failing("sorted", lambda: sorted([1, "a"]))

    things = [3, 7, 5]

    def refuse(x):
        if x == 7:
            raise ValueError(x, *[]) from None
        return x

    try:
        things.sort(key=refuse)
    except ValueError as error:
        print("sorted ValueError", error, things)
    changing = [3, 1, 2]

    def append(x):
        changing.append(x)
        changing.pop()
        return x

    failing("sort", lambda: changing.sort(key=append))
    failing("min", lambda: min([]))
    failing("max", lambda: max([1], reverse=False))
    failing("sorted", lambda: sorted([1], None))
    failing("sorted", lambda: sorted(5))
    pairs = [(n, chr(97 + n)) for n in range(4)]
    print(min(pairs), min(pairs, key=lambda p: 1), max(pairs), max(pairs, key=lambda p: -(-p[0] // 9)),
          min(5, 7), min([], default="nothing"), max(3, 9, key=abs))
    nine = list(range(9))
    print(sorted(nine[::-1], key=lambda x: x % 3), sorted(nine[::-1], key=lambda x: x % 3, reverse=True), sorted([[1, 2], [0], [1]]))
    growing = [4, 1, 3]

    def grow(x):
        if len(growing) < 4:
            growing.append(2)
        return x

    print(sorted(growing) + [4] if max(growing, key=grow) != 4 else sorted(growing), max(growing), min(tuple(growing)))


def compare_with_counting():
    """Against an insertion sort, in loops that are compiled."""
    random.seed(7)
    kinds = [
        lambda: random.randrange(20), lambda: random.random(), lambda: random.choice([0, 0.5, True, 1, 1.5]),
        lambda: random.choice("abcab"), lambda: (random.randrange(3), random.choice("xy")),
        lambda: (random.choice([1, 1.0]), random.randrange(4)), lambda: Odd(random.randrange(5)),
        lambda: random.choice([1 << 70, 5, 2.5]),
    ]
    wrong = 0
    for turn in range(400):
        kind = kinds[turn % len(kinds)]
        items = [kind() for _ in range(turn % 13)]
        keys = [kind() for _ in items]
        numbers = list(range(len(items)))
        for is_reversed in (False, True):
            slow = []
            for number in numbers:
                at = len(slow)
                while at > 0 and (keys[slow[at - 1]] < keys[number] if is_reversed else keys[number] < keys[slow[at - 1]]):
                    at -= 1
                slow.insert(at, number)
            wrong += sorted(numbers, key=keys.__getitem__, reverse=is_reversed) != slow
            wrong += sorted(numbers, key=lambda n: keys[n], reverse=is_reversed) != slow
            copy = keys[:]
            copy.sort(reverse=is_reversed)
            wrong += any(a is not keys[b] for a, b in zip(copy, slow))
        if items:
            wrong += min(numbers, key=lambda n: keys[n]) != min(zip(numbers), key=lambda n: keys[n[0]])[0]
            wrong += max(keys) is not keys[max(numbers, key=lambda n: keys[n])]
            least = next(n for n in numbers if not any(keys[m] < keys[n] for m in numbers))
            wrong += min(numbers, key=lambda n: keys[n]) != least or min(tuple(keys)) is not keys[least]
    return wrong


main()
print(compare_with_counting(), sorted.__name__, list.sort.__name__, min.__name__, max.__name__, min.__module__)
