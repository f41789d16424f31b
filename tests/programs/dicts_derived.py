"""Instances of classes that are derived from dict, list and set, and what they begin with."""

# expect-stdout:
#   environments 3000 4
#   empty 3000 {} [] S()
#   counters 3000 Counting()
#   twice {'a': 1, 'b': 2, 'c': 4}
#   short {'x': 1}
#   wrong unhashable
#   missing 6000 0
#   loud 3000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"environments"...


class Env(dict):
    def __init__(self, names=(), values=(), outer=None):
        super().__init__(zip(names, values))
        self.outer = outer

    def find(self, name):
        return self if name in self else self.outer.find(name)


def environments(times):
    outermost = Env(["y"], [3])
    total = 0
    for i in range(times):
        inner = Env(["x", "z"], [i, 1], outermost)
        total += inner.find("z")["z"]
        inner["y"] = 2
    return total, len(inner) + inner.outer.find("y")["y"] - 2


class D(dict):
    pass


class L(list):
    def total(self):
        return sum(self)


class S(set):
    pass


def empty(times):
    count = 0
    for _ in range(times):
        d, l, s = D(), L(), S()
        count += type(d) is D and not d and l.total() == 0 and len(s) == 0
        d["k"] = l
        l.append(s)
    return count, D(), L(), S()


class Counting(dict):
    def __missing__(self, key):
        return 0

    def __repr__(self):
        return "Counting(%s)" % dict.__repr__(self)[1:-1]


def counters(times):
    total = 0
    for i in range(times):
        counts = Counting()
        counts["a"] += 1
        total += counts["a"] + counts["b"]
    return total, Counting()


class Twice(dict):
    def __init__(self, names, values):
        dict.__init__(self, zip(names, values))
        dict.__init__(self, enumerate("") if not values else zip("bc", [2, 4]))


def twice(times):
    for _ in range(times):
        filled = Twice("ab", [1, 9])
    return dict(filled)


def short(times):
    for _ in range(times):
        env = Env(["x", "y"], [1])
    return dict(env)


def wrong(times):
    keys = ["x"]
    try:
        for i in range(times):
            if i == times - 2:
                keys = [[]]
            Env(keys, [1])
    except TypeError as error:
        return "unhashable" if "unhashable" in str(error) else error
    return None


class Key:
    asked = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        Key.asked += 1
        return 7

    def __eq__(self, other):
        return self.n == other.n


def missing(times):
    """Keys that run Python code."""
    Key.asked = 0
    for _ in range(times):
        env = Env([Key(1), Key(1)], [1, 2])
    return Key.asked, len(env) - 1


class Loud(dict):
    died = 0

    def __del__(self):
        Loud.died += 1


def loud(times):
    for _ in range(times):
        Loud()
    return Loud.died


print("environments", *environments(3000))
print("empty", *empty(3000))
print("counters", *counters(3000))
print("twice", twice(3000))
print("short", short(3000))
print("wrong", wrong(3000))
print("missing", *missing(3000))
print("loud", loud(3000))
