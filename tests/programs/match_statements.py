"""match statements in hot loops: literals, captures, sequences, mappings, classes, guards."""

# expect-stdout:
#   300 small
#   100 int
#   100 large
#   100 float 2.5
#   100 letter
#   100 text
#   100 empty
#   100 one 7
#   100 many 2
#   100 kind k 1
#   200 other
#   100 origin
#   100 diagonal
#   100 point
#   100 none
#   {'run': 668, 'stop': 666, 'start': 333, 'wait': 333}


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def classify(thing):
    match thing:
        case 0 | 1 | True:
            return "small"
        case int(n) if n > 100:
            return "large"
        case int():
            return "int"
        case float(x):
            return "float %.1f" % x
        case "a" | "b":
            return "letter"
        case str():
            return "text"
        case []:
            return "empty"
        case [x]:
            return "one %r" % x
        case [x, *rest]:
            return "many %d" % len(rest)
        case {"kind": kind, **others}:
            return "kind %s %d" % (kind, len(others))
        case Point(0, y=0):
            return "origin"
        case Point(x, y) if x == y:
            return "diagonal"
        case Point():
            return "point"
        case None:
            return "none"
        case _:
            return "other"


things = [0, 50, 500, 2.5, "a", "xyz", [], [7], (1, 2, 3), {"kind": "k", "z": 1}, {}, Point(0, 0), Point(2, 2)]
things += [Point(1, 2), None, object, True, 1.0]


def run(count):
    tally = {}
    for i in range(count):
        key = classify(things[i % len(things)])
        tally[key] = tally.get(key, 0) + 1
    return tally


for key, number in run(1800).items():
    print(number, key)


def machine(count):
    state = "start"
    path = {}
    for i in range(count):
        match state, i % 3:
            case "start", _:
                state = "run"
            case "run", 0:
                state = "wait"
            case "run", n:
                state = "run" if n == 1 else "stop"
            case ("wait" | "stop") as old, n if n:
                state = "start" if old == "stop" else "run"
        path[state] = path.get(state, 0) + 1
    return path


print(machine(2000))
