"""Builtins that take all that a `map` of a Python function gives: the function is followed as for keys, whatever it does."""

# expect-stdout:
#   [1, 4, 9] (2, 3) {0, 1} 14 -1 [-3, -2, -1] frozenset({0, 2}) 1-2-3 600
#   ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'] 6 [[0], [0, 10], [0, 10, 20]]
#   [1, 2, 3, 103, 104] 5 300
#   {'ended': 60, 'value': 60, 'type': 60, 'through': 120} [0, 1]
#   [(0, 1), (2, 3)] [2, 3] 3
#   ([0, 2, 4], 'pending', [8, 16]) 100
#   [] () 0
#   [1, 2.5, 'x', None, (1,)] True
#   ['double', 'doubles', 'main'] 40
#   [[2, 4], [6]] [2.0, 'aa', [1, 1]] 80
#   4 sequence item 0: expected str instance, int found
# expect-event: ..."kind":"loop"...

import sys


def all_of_them(count):
    numbers = [1, 2, 3]
    for number in range(count):
        found = (
            list(map(lambda x: x * x, numbers)),
            tuple(map(lambda x: x + 1, (1, 2))),
            set(map(lambda x: x % 2, range(4))),
            sum(map(lambda x: x * x, numbers)),
            max(map(lambda x: -x, numbers)),
            sorted(map(lambda x: -x, numbers)),
            frozenset(map(lambda x: x * 2, range(2))),
            "-".join(map(lambda x: str(x), numbers)),
        )
    return *found, count


def effects(count):
    trail = []

    def noted(text):
        trail.append(text)
        return [*range(0, 10 * len(trail) - 9, 10)]

    for number in range(count):
        trail.clear()
        found = list(map(noted, [f"a{n}" for n in range(6)]))
    return trail, len(found), found[:3]


def grows(count):
    """The list becomes longer while it is gone through."""

    def grow(x):
        if len(numbers) < 5:
            numbers.append(x + 102)
        return x

    for number in range(count):
        numbers = [1, 2, 3]
        found = list(map(grow, numbers))
    return found, len(numbers), count


def raises(count):
    seen = {"ended": 0, "value": 0, "type": 0, "through": 0}
    found = []

    def check(x):
        if x == kind and kind == 2:
            raise StopIteration(x)
        if x == kind and kind == 3:
            raise ValueError(x)
        return x if kind != 4 else "a" + x

    for number in range(count):
        kind = number % 5
        try:
            result = list(map(check, [0, 1, 2, 3]))
            if kind == 2:
                found = result
                seen["ended"] += len(result) == 2
            else:
                seen["through"] += 1
        except ValueError as error:
            seen["value"] += error.args == (3,)
        except TypeError:
            seen["type"] += 1
        except StopIteration:
            seen["ended"] += 1000
    return seen, found


class Pair:
    __slots__ = ("a", "b")

    def __init__(self, n):
        self.a, self.b = n, n + 1

    def both(self):
        return self.a, self.b


def methods(count):
    for number in range(count):
        pairs = list(map(lambda n: Pair(2 * n), range(2)))
        both = list(map(Pair.both, pairs))
        last = list(map(pairs[1].__class__, [2]))[0].both()
    return both, list(last), len(both) + 1


def kinds(count):
    """Another function, and other elements, each time; a map that is not taken at once."""
    functions = [lambda x: 2 * x, lambda x: x * x * x, str, lambda x: x + 0.5]
    total = 0
    for number in range(count):
        which = functions[number % 4]
        found = list(map(which, [number % 3, 2]))
        pending = map(functions[0], [1, 2])
        total += len(found) + next(pending) * 0
        last = list(map(functions[0], [0, 1, 2])), "pending", list(map(functions[1], [2, 2]))
        last[2][1] += last[2][0]
    return last, total // 2


def nothing(count):
    empty = []
    for number in range(count):
        found = list(map(lambda x: x, empty)), tuple(map(lambda x: x, ())), sum(map(lambda x: x, empty))
    return found


def anything(count):
    values = [1, 2.5, "x", None, (1,)]
    for number in range(count):
        found = list(map(lambda x: x, values))
    return found, found is not values


def frames(count):
    names = []

    def double(x):
        if number == count - 1:
            frame = sys._getframe()
            while len(names) < 2:
                names.append(frame.f_code.co_name)
                frame = frame.f_back
        return 2 * x

    def doubles(numbers):
        return list(map(double, numbers))

    for number in range(count):
        doubles([1, 2])
    return [*names, "main"], count


def nested(count):
    total = 0
    for number in range(count):
        rows = list(map(lambda row: list(map(lambda x: 2 * x, row)), [[1, 2], [3]]))
        mixed = list(map(lambda x: x * 2, [1.0, "a", [1]]))
        total += len(rows) // 2
    return rows, mixed, total


def joined(count):
    bad = []
    for number in range(count):
        try:
            "-".join(map(lambda x: "a" if x < number else x, [3, 1, 2]))
        except TypeError as error:
            bad.append(str(error))
    return len(bad), bad[-1]


print(*all_of_them(600))
print(*effects(100))
print(*grows(300))
print(*raises(300))
print(*methods(100))
print(*kinds(100))
print(*nothing(50))
print(*anything(100))
print(*frames(40))
print(*nested(80))
print(*joined(60))
