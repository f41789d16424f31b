"""`min`, `max`, `sorted` and `list.sort` with Python functions of keys are loops of the trace: left and gone on with at any
place, whatever the keys are and whatever the function does."""

# expect-stdout:
#   plain 3600
#   accounts ([('f', 'c', 'a'), ('f', 'c', 'a'), ('c', 'c', 'a')], 900)
#   changing ([1180591620717411303424, 'apple', 3, 'apple'], 20, 1180591620717411303424)
#   raising ([5, 5, [('raising', 86), ('<lambda>', 86)], 5], 700)
#   uncomparable ([1, 3, "'<' not supported between instances of 'str' and 'int'", "'>' not supported between instances of 'str' and 'int'", 1, 3], 1000)
#   looking (1814, {('key', 'looking', 5)})
#   growing 2400
#   nested 3900
#   counted (247974, 7349)
#   empty 30900
#   texts (['dog', 'fox', 'the', 'the', 'lazy', 'over', 'brown', 'jumps', 'quick'], 'over')
#   finalised ((5, [6, 0, 3]), (5, [5, 2, 3]), 400)
#   defaults 1200
#   odd 38774
#   sorting (([9, 7, 6, 4, 3, 1, 0], ['apple', 'pear', 'kiwi', 'fig']), ([9, 8, 5, 4, 2, 1, 0], ['apple', 'pear', 'kiwi', 'fig', 3, "'<' not supported between instances of 'int' and 'str'"]), 400)
#   changed ([0, 0, 0, (2, 3, 1)], 1494, [('LookupError(2)', [3, 1, 2]), ("ValueError('list modified during sort')", [2, 3, 1]), ('LookupError(2)', [3, 1, 2])])
#   kept ((1, 898), (0, 151), 900)
# expect-event: ..."kind":"join"...
# options:

import sys
import traceback


def distances(points, center):
    return min(range(len(points)), key=lambda i: abs(points[i] - center))


def plain(rounds):
    points = [3, 9, 4, 1, 7, 8]
    total = 0
    for i in range(rounds):
        total += distances(points, i % 10)
    return total


print("plain", plain(1500))


class Account:
    def __init__(self, name, balance):
        self.name = name
        self.balance = balance


def accounts(rounds):
    them = {name: Account(name, (i * 37) % 11) for i, name in enumerate("abcdefg")}
    out = []
    for i in range(rounds):
        best = max(them.values(), key=lambda a: (a.balance, a.name))
        order = sorted(them.values(), key=lambda a: (-a.balance, a.name))
        back = sorted(them, key=lambda name: them[name].balance, reverse=True)
        out.append((best.name, order[0].name, back[-1]))
        them["abcdefg"[i % 7]].balance += i % 5 - 2
    return out[-3:], len(out)


print("accounts", accounts(900))


def changing(rounds):
    """The keys are of other classes now and then."""
    out = []
    for i in range(rounds):
        values = [3, 1, 2] if i % 50 else [2.5, 1, 7.25]
        if i % 333 == 332:
            values = [1 << 70, 3, -(1 << 80)]
        out.append(sorted(values, key=lambda v: -v)[0])
        words = ("pear", "fig", "apple")
        out.append(max(words, key=lambda w: len(w) if i % 70 else w))
    return out[-4:], sum(1 for x in out if isinstance(x, float)), out[332 * 2]


print("changing", changing(1000))


def raising(rounds):
    caught = []
    for i in range(rounds):
        values = [5, 3, 0 if i % 100 == 99 else 1, 2]
        try:
            caught.append(min(values, key=lambda v: 10 // v))
        except ZeroDivisionError:
            entries = traceback.extract_tb(sys.exc_info()[2])
            caught.append([(entry.name, entry.lineno) for entry in entries])
    return caught[97:101], len(caught)


print("raising", raising(700))


def uncomparable(rounds):
    caught = []
    for i in range(rounds):
        values = [1, 2, 3]
        if i % 90 == 89:
            values[1] = "x"
        try:
            caught.append(sorted(values, key=lambda v: v)[0])
        except TypeError as error:
            caught.append(str(error))
        try:
            caught.append(max(values, key=lambda v: v))
        except TypeError as error:
            caught.append(str(error))
    return caught[176:182], len(caught)


print("uncomparable", uncomparable(500))


def looking(rounds):
    seen = set()

    def key(value):
        if value == 4:
            frame = sys._getframe()
            seen.add((frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_back.f_lineno - frame.f_lineno))
        return value % 3

    total = 0
    for i in range(rounds):
        total += max([i % 3, 4, i % 5], key=key)
    return total, seen


print("looking", looking(800))


def growing(rounds):
    total = 0
    for i in range(rounds):
        values = [1, 2, 3]

        def key(value):
            if len(values) < 6 and i % 40 == 0:
                values.append(value + 10)
            return -value

        ordered = sorted(values, key=key)
        total += len(ordered)
    return total


print("growing", growing(800))


def nested(rounds):
    rows = [[3, 1, 2], [9, 0], [4, 4, 5, 1]]
    total = 0
    for i in range(rounds):
        best = max(rows, key=lambda row: min(row, key=lambda v: abs(v - i % 6)))
        total += best[0]
    return total


print("nested", nested(900))


def counted(rounds):
    calls = 0

    def key(value):
        nonlocal calls
        calls += 1
        return value * value - 6 * value

    total = 0
    for i in range(rounds):
        total += min((1, 2, 3, 4, i % 7), key=key)
        total += max({1, 2, i % 4}, key=key)
        total += min(range(i % 3 + 1), key=key)
        total += max([i], key=key)
    return total, calls


print("counted", counted(700))


def empty(rounds):
    caught = 0
    for i in range(rounds):
        values = list(range(i % 3))
        try:
            caught += max(values, key=lambda v: -v)
        except ValueError:
            caught += 100
        caught += len(sorted(values, key=lambda v: -v))
    return caught


print("empty", empty(900))


def texts(rounds):
    words = "the quick brown fox jumps over the lazy dog".split()
    out = None
    for i in range(rounds):
        out = sorted(words, key=lambda w: (len(w), w)), max(words, key=lambda w: w[i % 3])
    return out


print("texts", texts(500))


class Noisy:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        dead.append(self.value)


dead = []


def finalised(rounds):
    order = []
    for i in range(rounds):
        dead.clear()
        them = [Noisy(i % 7), Noisy(3), Noisy(5)]
        best = max(them, key=lambda n: n.value)
        them = None
        order.append((best.value, list(dead)))
    return order[-1], order[100], len(order)


print("finalised", finalised(400))


def keys_with_defaults(rounds):
    total = 0
    for i in range(rounds):
        total += max([1, 5, 3], key=lambda v, by=i % 4: (v * by) % 5)
    return total


print("defaults", keys_with_defaults(600))


def odd_keys(rounds):
    """Keys that only Python code can compare, and none."""
    class Key:
        def __init__(self, value):
            self.value = value

        def __lt__(self, other):
            return self.value < other.value

        def __gt__(self, other):
            return self.value > other.value

    total = 0
    for i in range(rounds):
        total += max([1, 5, i % 9], key=lambda v: Key(-v))
        total += sorted([1, 5, i % 9], key=lambda v: Key(-v))[0]
        try:
            max([1, 2], key=lambda v: None)
        except TypeError as error:
            total += len(str(error))
        total += min([7], key=lambda v: None)
    return total


print("odd", odd_keys(500))


def sorting(rounds):
    out = []
    for i in range(rounds):
        values = [(i * k) % 11 for k in range(7)]
        values.sort(key=lambda v: -v)
        words = ["pear", "fig", "apple", "kiwi"]
        words.sort(key=lambda w: (len(w), w), reverse=True)
        if i % 60 == 59:
            words.append(3)
            try:
                words.sort(key=lambda w: w)
            except TypeError as error:
                words.append(str(error))
        [].sort(key=lambda v: v)
        out.append((values, words))
    return out[-1], out[59], len(out)


print("sorting", sorting(400))


def sorting_changed(rounds):
    out = []
    for i in range(rounds):
        values = [3, 1, 2]

        def key(value):
            out.append(len(values))
            if i % 80 == 79 and value == 1:
                values.append(9)
            if i % 80 == 40 and value == 2:
                raise LookupError(value)
            return value % 2 if i % 90 else float(value)

        try:
            values.sort(key=key)
        except (ValueError, LookupError) as error:
            out.append((repr(error), values))
        out.append(tuple(values))
    return out[-4:], sum(1 for x in out if x == 0), [x for x in out if isinstance(x, tuple) and len(x) == 2][:3]


print("changed", sorting_changed(500))


def kept(rounds):
    """Only the list has the elements."""
    dead.clear()
    sizes = []
    for i in range(rounds):
        them = [Noisy(i % 5), Noisy(3), Noisy(1)]
        them.sort(key=lambda n: n.value)
        first = them[0].value
        del them[0]
        sizes.append((first, len(dead)))
        del them
    return sizes[-1], sizes[50], len(dead)


print("kept", kept(300))
