"""Patterns of all kinds in loops: sequences, mappings, classes with positional and keyword attributes, captures, guards,
alternatives; subjects that change from one iteration to the next."""

# expect-stdout:
#   (712190, ['empty', 'zero', 5, 6, 4, 8, (1, 5, 4), 56, 'text', 'text', 'other', 'zero', 'zero'])
#   other
#   zero
#   (367647, [4, (12, ['a', 'b']), 'mapping', 'one', 'true', 'mapping', 14, 'none', 'none'])
#   (609651, [('axis', 3), ('five', 2), ('diagonal', 4), 'point', 'derived', ('axis', 8), 'a', 7, 'seven', 6, 'else', 'bool', 'number', 70, 'number', 'nothing', 'else'])
#   (925405, ['north', 'go', 'keybox', 0, '', 'look'])
#   15150 Point(x=2, y=100)
#   10250
# expect-event: ..."kind":"loop"...

from collections import OrderedDict, abc, deque
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


class Slotted:
    __slots__ = ("name", "size")
    __match_args__ = ("name",)

    def __init__(self, name):
        self.name = name


class Computed:
    __match_args__ = ("double",)

    def __init__(self, n):
        self.n = n

    @property
    def double(self):
        if self.n % 5 == 0:
            raise AttributeError("none")
        return self.n * 2


class Derived(Point):
    pass


class Bag:
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


def sequences(subject):
    match subject:
        case []:
            return "empty"
        case [0, _]:
            return "zero"
        case [x] | (x, "only"):
            return x
        case [1 | 2 as first, second] if second % 3 == 0:
            return first + second
        case [first, *rest, last] if len(rest) > 1:
            return (first, sum(rest), last)
        case (a, b):
            return a * b
        case str() | bytes():
            return "text"
    return "other"


def mappings(subject):
    match subject:
        case {"kind": "circle", "radius": r}:
            return r * 2
        case {"kind": "rect", "size": [w, h], **rest}:
            return (w * h, sorted(rest))
        case {1: value}:
            return value
        case {}:
            return "mapping"
    return "none"


def classes(subject):
    match subject:
        case Derived(x=1):
            return "derived"
        case Point(0, y):
            return ("axis", y)
        case Point(x, y=5):
            return ("five", x)
        case Point(x=x, y=y) if x == y:
            return ("diagonal", x)
        case Point():
            return "point"
        case Slotted("seven", size=size):
            return size
        case Slotted(name):
            return name
        case Computed(double):
            return double
        case bool():
            return "bool"
        case int(n) if n > 50:
            return n
        case int() | float():
            return "number"
        case None:
            return "nothing"
    return "else"


def values(command):
    match command.split():
        case ["go", ("north" | "south") as way]:
            return way
        case ["take", thing, "from", place]:
            return thing + place
        case ["quit" | "exit"]:
            return 0
        case [word, *_]:
            return word
    return ""


def run(function, subjects, count):
    seen = {}
    total = 0
    for i in range(count):
        subject = subjects[i % len(subjects)]
        found = function(subject)
        total = (total * 31 + hash(repr(found)) % 1 + len(repr(found))) % 1000003
        seen[i % len(subjects)] = found
    return total, list(seen.values())


def slotted(name, size=None):
    made = Slotted(name)
    if size is not None:
        made.size = size
    return made


def main():
    lists = [[], [0, 1], [5], (6, "only"), [1, 3], [2, 4], [1, 2, 3, 4], (7, 8), "ab", b"cd", {1, 2}, range(2), deque([0, 9])]
    print(run(sequences, lists, 400))
    bag = Bag(0, 3)
    print([sequences(bag) for _ in range(60)][-1])
    abc.Sequence.register(Bag)
    print([sequences(bag) for _ in range(60)][-1])
    dicts = [
        {"kind": "circle", "radius": 2},
        {"kind": "rect", "size": [3, 4], "b": 1, "a": 2},
        {"kind": "rect", "size": [3]},
        {1: "one"},
        {True: "true"},
        {},
        OrderedDict(kind="circle", radius=7),
        5,
        "kind",
    ]
    print(run(mappings, dicts, 400))
    things = [Point(0, 3), Point(2, 5), Point(4, 4), Point(1, 2), Derived(1, 1), Derived(0, 8), slotted("a"), slotted("seven", 7)]
    things += [slotted("seven"), Computed(3), Computed(5), True, 7, 70, 2.5, None, "text"]
    print(run(classes, things, 600))
    print(run(values, ["go north", "go up", "take key from box", "quit", "", "look around here"], 400))
    moved = Point(0, 0)
    total = 0
    for i in range(300):
        moved.x = i % 3
        match moved:
            case Point(0, y):
                total += y + 1
            case Point(x=1):
                moved.y += 1
            case Point(x, y):
                total += x * y
    print(total, moved)
    late = 0
    for i in range(200):
        try:
            match i % 4:
                case Point(1, 2, 3):
                    late += 100
                case 3:
                    late += 1
            match moved:
                case Point(1, 2, 3) if i % 50 == 0:
                    late += 100
        except TypeError as error:
            late += len(str(error))
    print(late)


main()
