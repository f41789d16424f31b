"""A defaultdict whose factory is Python code: a class, a lambda, a function that raises now and then."""

# expect-stdout:
#   [0, 250, 500, 750] 1000
#   1500 499
#   (1900, 100)
#   ['early', 'late']

from collections import defaultdict


class Sum:
    def __init__(self):
        self.total = 0

    def __iadd__(self, number):
        self.total += number
        return self


def sums(count):
    by_key = defaultdict(Sum)
    for i in range(count):
        by_key[i % 4 * 250] += 1
    return sorted(by_key), sum(each.total for each in by_key.values())


def groups(count):
    calls = 0
    groups = defaultdict(lambda: [0])
    for i in range(count):
        groups[i % 500][0] += 1
        calls += len(groups[i])
    return calls, i % 500


def failing(count):
    made = 0

    def factory():
        nonlocal made
        made += 1
        if made % 20 == 0:
            raise ValueError
        return made

    found = defaultdict(factory)
    failed = 0
    for i in range(count):
        try:
            found[i]
        except ValueError:
            failed += 1
    return len(found), failed


def order(count):
    seen = []
    found = defaultdict(lambda: seen.append("early" if not seen else "late") or 1)
    total = 0
    for i in range(count):
        total += found["a" if i < count - 20 else "b"]
    return seen


print(*sums(1000))
print(*groups(1500))
print(failing(2000))
print(order(1000))
