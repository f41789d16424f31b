"""Dicts and sets that die in compiled code and are used again: empty, whatever was done to them and whoever looks."""

# expect-stdout:
#   [(0, {}), (1, {'a': 1}), (0, {}), (1, {'a': 3}), (0, {})]
#   600 {'k': 599} {599}
#   [] 10 [9, 8, 7]
#   ['value 0', 'value 1', 'value 2'] 3
#   {'x': 1} {'y': 2} False
#   0 [1, 2, 3] 200
#   [198, -198, 199, -199] 400
#   ('first', 'second') ('second', 'first')
# expect-event: ..."kind":"loop"...

import gc
import weakref


def options(number, **more):
    return len(more), dict(more)


def forward(*arguments, **more):
    return options(*arguments, **more)


def alternate(count):
    found = []
    for number in range(count):
        found.append(forward(number, a=number) if number % 2 else forward(number))
    return found


def fill(count):
    last, one, total = {}, set(), 0
    for number in range(count):
        last = {"k": number}
        one = {number}
        total += len(last) + (number in one) - len({**last, "k": 1})
        total += 0 if one == {number} else 1000
    return total, last, one


class Value:
    died = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Value.died.append(self.name)


class Key(Value):
    def __hash__(self):
        return hash(self.name)


def orders(count):
    """Keys die before their values, the first entry first."""
    for number in range(count):
        pair = {Key(number): Value(-number)}
        del pair
    return Value.died[-4:]


def nested(count):
    deep = None
    for number in range(count):
        record = {"name": f"value {number}", "inner": {"list": [number], "set": {number}}}
        deep = record["inner"]["list"], record["name"]
        if number < 3:
            Value.died.append(deep[1])
    return deep


def seen(count):
    """A finaliser that looks for the dict it was in."""
    looks = []

    class Looks:
        def __del__(self):
            looks.append(sum(type(found) is dict and "looks" in found for found in gc.get_objects()) * 0)

    for number in range(count):
        keep = {"looks" if number % 100 == 50 else "plain": Looks() if number % 100 == 50 else number}
    return looks, keep


def removed(count):
    total = 0
    for number in range(count):
        table = {1: number, 2: number, 3: number}
        del table[2]
        table.pop(1)
        total += len(table)
        table = set(table)
        table.discard(3)
        total += len(table)
    return total


def referred(count):
    refs = []
    for number in range(count):
        one = {number, -number - 1}
        if number % 50 == 0:
            refs.append(weakref.ref(one))
    del one
    return [ref() for ref in refs if ref() is not None], len(refs)


print(alternate(300)[:4] + alternate(300)[-2:-1])
print(*fill(600))
print([died for died in Value.died], referred(500)[1], [len({*range(n)}) for n in (9, 8, 7)])
Value.died.clear()
nested(400)
print(Value.died, len(Value.died))
first, second = {"x": 1}, {"y": 2}
print(first, second, first is second)
print(sum(seen(300)[0]), [*{1: 0, 2: 0, 3: 0}], removed(200))
Value.died.clear()
print(orders(200), len(Value.died))
one, other = {"first": 1, "second": 2}, {"second": 1, "first": 2}
print(tuple(one), tuple(other))
