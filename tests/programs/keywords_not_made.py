"""Dicts of keywords and those written with texts as keys are made when somebody needs them, once, and are the same for all."""

# expect-stdout:
#   [0, 1, 12, 103, 4, 5]
#   ['late', 7, 8] ['late', 7, 8]
#   True True 1199
#   ('pass_on() got multiple values for keyword argument', 'missing', "option() got an unexpected keyword argument 'd'") 600
#   {'a': 1, 'b': 2, 'c': 3} {'b': 2, 'a': 9} ['b', 'a', 'z'] {'a': 3, 'b': 2}
#   (300, 299, 'x=299,y=598', 1) (3, 2, 'x=2,y=4', 1)
#   [('a', 5), ('n', 99)] [{'n': 0}, {'n': 1}] 50
#   99 {'k': 99, 'also': 'there'} True
# expect-event: ..."kind":"loop"...

import sys


def option(number, b=0, *, c=0):
    return number + 10 * b + 100 * c


def pass_on(*args, **more):
    return option(*args, **more)


def twice(*args, **more):
    return pass_on(*args, **{**more})


def forwarded(count):
    total = [0] * 6
    for number in range(count):
        kind = number % 6
        if kind == 2:
            value = twice(kind, b=1)
        elif kind == 3:
            value = twice(kind, c=1)
        else:
            value = twice(kind)
        total[kind] = value
    return total


def change_caller():
    sys._getframe(1).f_locals["more"]["x"] = "late"


def looked_at(number, **more):
    if number % 50 == 49:
        change_caller()
    return more.get("x", "none"), len(more)


def seen(count):
    found = []
    for number in range(count):
        x, length = looked_at(number, x=7, y=8)
        if number % 50 == 49:
            found = [x]
    return found + [7, 8]


def same(count):
    kept, total = [], 0
    for number in range(count):
        table = {"k": number, "v": -number}
        alias = table
        if number % 40 == 39:
            kept.append((table, alias))
        alias["k"] += 1
        total = table["k"] - table["v"]
    one, other = kept[3]
    return one is other, one["k"] == 160 and kept[-1][0]["v"] == 1 - count or kept[-1], total


def errors(count):
    found, raised = [None] * 3, 0
    for number in range(count):
        more = {"b": number, "d": 1} if number % 3 == 2 else {"b": number}
        try:
            if number % 3 == 0:
                option(1, **more, **{"b": 2})
            elif number % 3 == 1:
                more["missing"]
            else:
                pass_on(1, **more)
        except (TypeError, KeyError) as error:
            raised += 1
            text = str(error.args[0])
            found[number % 3] = text.split("__main__.")[-1].replace("option() got multiple", "pass_on() got multiple").split(" 'b'")[0]
    return tuple(found), raised


def orders(count):
    for number in range(count):
        first = {"a": 1, "b": 2}
        second = {**first, "c": 3}
        third = {"b": 2, "a": 1}
        third["a"] = 9
        fourth = dict(third)
        fourth["z"] = 0
        twin = {"a": 1, "b": 2, "a": 3}
    return second, third, [*fourth], twin


def report(number, **fields):
    fields.setdefault("y", 2 * fields["x"])
    text = ",".join(f"{name}={value}" for name, value in fields.items())
    return len(fields) - 1, text


def reported(count):
    for number in range(count):
        extra, text = report(number, x=number)
    return count, number, text, extra


class Box:
    def __init__(self, **given):
        self.n = given.pop("n", 0)
        self.rest = given
        self.has = "a" in given and bool(given)


def boxes(count):
    rows = []
    for number in range(count):
        box = Box(n=number, a=5) if number % 2 else Box(n=number)
        if number < 2:
            rows.append({"n": box.n})
    return [*box.rest.items(), ("n", box.n)], rows, sum(Box(n=1, a=number).has for number in range(50))


def grown(count):
    for number in range(count):
        table = {"k": number}
        for _ in range(2):
            table["also"] = "there"
    return number, table, table == {"also": "there", "k": count - 1}


print(forwarded(600))
print(seen(500), seen(100))
print(*same(600))
print(*errors(600))
print(*orders(300))
print(reported(300), reported(3))
print(*boxes(100))
print(*grown(100))
