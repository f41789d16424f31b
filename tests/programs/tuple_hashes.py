"""Tuples that are looked for again and again, that die and leave their places to others, and whose classes change."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   3000 3000 0
#   600 600
#   [True, True, True] 240
#   same 200 other 0 300
#   1 2 2

from collections import namedtuple


def short_lived(count):
    """Each tuple is hashed several times, and dies before the next one is made, which may be in its place."""
    seen = {}
    found = missed = wrong = 0
    for number in range(count):
        key = (number % 700, (number % 3, "x"), (number, number + 1))
        if key not in seen:
            missed += 1
        seen[key] = number
        if seen[key] == number and key in seen:
            found += 1
        del seen[key]
        if key in seen:
            wrong += 1
        key = None
    return found, missed, wrong


print(*short_lived(3000))

State = namedtuple("State", "place parts left")


def states(count):
    return [State(number % 7, (number, (number % 5, number % 11)), number) for number in range(count)]


def count_known(kept, count):
    known = {state: 0 for state in kept}
    for _ in range(3):
        for state in kept:
            known[state] += 1
        for state in states(count):
            known[state] += 1
    return sum(1 for times in known.values() if times == 6), len(known)


print(*count_known(states(600), 600))


def equal_keys():
    ints, floats = ((1, (2, 3)), (4, 5)), ((1.0, (2.0, 3.0)), (4.0, 5.0))
    known = {ints: 0}
    for _ in range(120):
        known[ints] += 1
        known[floats] += 1
    return [ints in known, floats in known, ((True, (2, 3)), (4, 5)) in known], known[ints]


print(*equal_keys())


def look_up(kept, count):
    total = 0
    for _ in range(count):
        for state in kept:
            if (0, state) in wanted:
                total += 1
    return total


kept = states(50)
wanted = {(0, state) for state in kept[:4]}
print("same", look_up(kept, 50), end=" ")
State.__hash__ = lambda self: self.left % 2
State.__eq__ = lambda self, other: self.left % 10 == other.left % 10
print("other", look_up(kept[:4], 50), end=" ")
wanted = {(0, state) for state in kept[:6]}
print(look_up(kept[:6], 50))


class Token:
    pass


def by_identity():
    """What is equal to itself only is in tuples too."""
    tokens = [Token(), Token()]
    known = {(token, (token, 1)): index + 1 for index, token in enumerate(tokens)}
    total = 0
    for _ in range(200):
        total = known[tokens[0], (tokens[0], 1)]
    return total, known[tokens[1], (tokens[1], 1)], len(known)


print(*by_identity())
