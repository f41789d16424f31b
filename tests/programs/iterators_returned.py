"""`iter` of containers, in `__iter__` and elsewhere: the loop that steps it, next, what is left of it afterwards."""

# expect-stdout:
#   2000 [3, 4] 2 stop
#   ['a', 'b'] [1, 2] True
#   [(1, 'x'), (2, 'y')]
#   50 8
class Box:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


def total(box, rounds):
    n = 0
    for _ in range(rounds):
        for x in box:
            n += x
    return n


def rest(items):
    it = iter(items)
    next(it)
    next(it)
    return list(it)


def skip(items):
    it = iter(items)
    first = next(it)
    for x in it:
        if x > first:
            break
    return x + len(list(it)) - 1


def end():
    it = iter(())
    try:
        return next(it)
    except StopIteration:
        return "stop"


def again(items):
    it = iter(items)
    return iter(it) is it


def pairs(a, b):
    return list(zip(iter(a), iter(b)))


def changing(items):
    out, it = list(items), iter(items)
    for x in it:
        if x < 40:
            items.append(x * 3)
            out.append(x)
    return sum(out[:5]) + next(it, 0), len(items)


for _ in range(200):
    n = total(Box([1, 2, 3, 4]), 200)
    results = rest([1, 2, 3, 4]), skip([1, 0, 2, 5]), end(), rest("xxab"), rest((0, 0, 1, 2)), again([1])
    both = pairs((1, 2), "xy")
    changed = changing([5, 10, 20])
print(n, *results[:3])
print(*results[3:])
print(both)
print(*changed)
