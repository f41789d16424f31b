"""Builtins and methods that step a generator to its end, or once with a default: what they gather, and what they do when
the generator or an element is out of the ordinary."""

# expect-stdout:
#   {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}
#   {'a': 2}
#   {1: 2, 3: 4}
#   ['and', 'brown', 'cat', 'dog', 'fox', 'jumps', 'lazy', 'over', 'quick', 'the']
#   [3, 4, 5]
#   [-1, 0, 2, 6, 12, 20, -1, 2]
#   ([1, 3, 6, 8], {'a': 0, '0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6})
#   2
#   None
#   2
#   none
#   2
#   ('0-1-2-3', ['0', '1', '2', '3'])
#   (7, 7)
#   [0, 1]
#   {0: 0, 1: 0, 2: 0, 3: 0}
#   division by zero
#   {0: 0, 1: 1, 2: 2, 3: 3}
#   ValueError
#   {0, 1, 2, 3}
#   TypeError
#   aaaa
#   TypeError
#   Counter({'t': 2, 'T': 1, 'q': 1, 'b': 1, 'f': 1, 'j': 1, 'o': 1, 'l': 1, 'd': 1, 'a': 1, 'c': 1})
#   ['closed', 'closed', (0, 3), (1, 4), (2, 5), (0, 6), (3, 6), (0, 3), (1, 4), (2, 5), (0, 6), (3, 6), 0, 1, 2, 3, 4, 5]
#   OrderedDict({'0': 299, '1': 299, '2': 299}) 299
import collections


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 3

    def __eq__(self, other):
        log.append((self.n, other.n))
        return self.n == other.n


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append(self.n)


def pairs(n):
    return dict((i, i * i) for i in range(n))


def swapped(items):
    return dict((v, k) for k, v in items if k != 3)


def listed(items):
    return dict([k, v] for k, v in items)


def unique(words):
    return set(word.lower() for word in words), frozenset(len(word) for word in words)


def extended(n):
    out = [-1]
    out.extend(i * len(out) for i in range(n))
    out.extend(x for x in out[:3] if x)
    return out


def updated(n):
    seen, table = {1}, {"a": 0}
    seen.update(i + len(seen) for i in range(n) if i not in seen)
    table.update((str(i), len(table)) for i in range(n))
    return sorted(seen), table


def first(xs, k):
    return next((x for x in xs if x > k), None)


def first_or(xs, k):
    found = next((i for i, x in enumerate(xs) if x == k), -1)
    return found if found >= 0 else next((x for x in ()), "none")


def closes():
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


def one():
    return next(closes(), 0) + next(closes())


def joined(n):
    join = "-".join
    add = [].append
    more = []
    extend = more.extend
    extend(str(i) for i in range(n))
    return join(str(i) for i in range(n)), more


def odd(n):
    return len(set(Odd(i) for i in range(n))), len(dict((Odd(i), i) for i in range(n)))


def noisy(n):
    return sorted(dict((i % 2, Noisy(i)) for i in range(n)))


def fails(n, at):
    try:
        return dict((i, 1 // (at - i)) for i in range(n))
    except ZeroDivisionError as error:
        return str(error)


def wrong(n, what):
    try:
        return what(n)
    except (TypeError, ValueError) as error:
        return type(error).__name__


def short(n):
    return dict((i, i) if i != 5 else (i,) for i in range(n))


def unhashable(n):
    return set([i] if i == 5 else i for i in range(n))


def mixed(n):
    return "".join("a" if i != 5 else i for i in range(n))


def counted(words):
    return collections.Counter(word[0] for word in words)


words = "The quick brown fox jumps over the lazy dog and the cat".split()
for _ in range(120):
    log = []
    results = [
        pairs(5), swapped([(1, "a"), (3, "b"), (2, "a")]), listed([(1, 2), (3, 4)]), sorted(unique(words)[0]),
        sorted(unique(words)[1]), extended(5), updated(6), first([1, 2, 3], 1), first((1, 2), 2), first_or("abc", "c"),
        first_or("abc", "d"), one(), joined(4), odd(7), noisy(6), fails(4, 9), fails(4, 2), wrong(4, short),
        wrong(8, short), wrong(4, unhashable), wrong(8, unhashable), wrong(4, mixed), wrong(8, mixed), counted(words),
    ]
for result in results:
    print(result)
print(log)
table = collections.OrderedDict()
for n in range(300):
    table.update((str(i), n) for i in range(3))
    found = next((x for x in [n] if x > 298), "none yet")
print(table, found)
