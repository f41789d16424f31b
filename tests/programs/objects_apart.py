"""Instances that only a loop's frame refers to travel as their attributes: what becomes of them when they are given away,
looked at, change their shape or class, hold each other, or die."""

# expect-stdout:
#   538466
#   (Vector(300, 600.5), Vector(1, 2)) (Vector(2, 4.5), Vector(1, 2))
#   [44850, [294], 'rest'] [44850, [294], 'rest', 299]
#   ([['x', 'y'], ['x', 'y'], ['x', 'y'], ['extra', 'x', 'y'], ['extra', 'x'], ['extra', 'x'], ['extra', 'x', 'y'], ['extra', 'x', 'y']], 149.5, [50.5], 'more', ['x', 'extra', 'y'])
#   ([Vector(0, 0), Vector(7260, 0), Vector(7260, 0), Vector(21540, 7260), Vector(21540, 7260), Vector(15690, 99)], True, 100)
#   (Vector(301, 20503), Vector(202, 45451), 201)
#   (True, 44850, 44850)
#   (Vector(400, 120200), ['Pairs'])
#   ['first', 'after the first', 'second', 'after the second', 19]
#   ([True, 'gone', None], Vector(300, 0))
#   (Vector(251, 27), True)
#   (300, 300, True)
#   135400
#   Vector(300, 100,200,300,)
# expect-event: ..."kind":"loop"...

import gc
import weakref


class Pairs:
    def __init__(self, limit):
        self.limit = limit
        self.m = 1
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n == self.limit:
            self.n = 1
            self.m += 1
        if self.m >= self.limit:
            raise StopIteration
        return self.m, self.n


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"


class Slotted:
    __slots__ = ("count", "last", "rest")

    def __init__(self):
        self.count = 0
        self.last = None

    def step(self, i):
        self.count += i
        if i % 7 == 0:
            self.last = [i]
        if i == 150:
            self.rest = "rest"


class Child(Slotted):
    __slots__ = ("own",)

    def step(self, i):
        super().step(i)
        self.own = i


def pairs():
    total = 0
    for m, n in Pairs(25):
        total = total * 3 % 1000003 + m * n
    return total


def sums(count):
    total, step = Vector(0, 0.5), Vector(1, 2)
    for i in range(count):
        total = total + step
    return total, step


def slots(made):
    for i in range(300):
        made.step(i)
    names = [name for name in ("count", "last", "rest", "own") if hasattr(made, name)]
    return [getattr(made, name) for name in names]


def shape():
    """Attributes come, go and change their types."""
    found = []
    thing = Vector(0, 0)
    for i in range(400):
        thing.x += 1
        if i == 150:
            thing.extra = "more"
        if i == 200:
            del thing.y
        if i == 250:
            thing.x = 0.5
        if i == 300:
            thing.y = [thing.x]
        if i % 50 == 0:
            found.append(sorted(vars(thing)))
    return found, thing.x, thing.y, thing.extra, list(vars(thing))


def given():
    """Some are kept by others, seldom or each time."""
    kept = []
    now = Vector(0, 0)
    for i in range(300):
        now.x += i
        if i % 60 == 0:
            kept.append(now)
            if i % 120 == 0:
                now = Vector(-i, now.x)
    kept.append(now)
    every = []
    for i in range(100):
        now.y = i
        every.append(now)
    return kept, all(one is now for one in every), len(every)


def aliases():
    """Two variables, one object; then two objects."""
    one = other = Vector(1, 1)
    same = 0
    for i in range(300):
        one.x += 1
        other.y += one.x
        same += one is other
        if i == 200:
            other = Vector(other.x, other.y)
    return one, other, same


def nested():
    outer = Vector(Vector(0, 0), Vector(1, 1))
    for i in range(300):
        outer.x.x += i
        outer.y = Vector(outer.x.x, outer.y)
        if i % 3 == 0:
            outer.y = Vector(i, i)
    outer.x.y = outer
    return outer.x.y is outer, outer.x.x, outer.y.x


def classes():
    """A class that changes while its instance is apart."""
    found = []
    thing = Vector(0, 0)
    for i in range(400):
        thing.x += 1
        if i == 200:
            Vector.bonus = property(lambda self: self.x * 2)
        if i >= 200:
            thing.y += thing.bonus
        if i == 300:
            thing.__class__ = Pairs
            found.append(type(thing).__name__)
            thing.__class__ = Vector
    del Vector.bonus
    return thing, found


class Loud:
    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __del__(self):
        self.log.append(self.name)


class Holder:
    def __init__(self, what):
        self.what = what
        self.count = 0


def finalisers():
    log = []
    holder = Holder(Loud("first", log))
    for i in range(300):
        holder.count += 1
        if i == 250:
            holder.what = Loud("second", log)
            log.append("after the first")
        if i == 280:
            holder = Holder(None)
            log.append("after the second")
    log.append(holder.count)
    return log


def weak():
    log = []
    thing = Vector(0, 0)
    for i in range(300):
        thing.x += 1
        if i == 200:
            watcher = weakref.ref(thing, lambda _: log.append("gone"))
        if i == 250:
            log.append(watcher() is thing)
            thing = Vector(thing.x, 0)
            log.append(watcher())
    return log, thing


def raising():
    """Exceptions that leave the loop while its instance is apart."""
    thing = Vector(0, 0)
    try:
        for i in range(300):
            thing.x += 1
            thing.y += 10 // (250 - i)
    except ZeroDivisionError as error:
        frame = error.__traceback__.tb_frame
        return thing, frame.f_locals["thing"] is thing
    return None


def collected():
    """The collector goes through what there is meanwhile."""
    thing = Vector([], {})
    for i in range(300):
        thing.x.append(i)
        thing.y[i] = thing.x
        if i % 100 == 99:
            gc.collect()
    return len(thing.x), len(thing.y), thing.y[0] is thing.x


def in_generator():
    def numbers(source):
        state = Vector(0, 1)
        for i in source:
            state.x, state.y = state.y, (state.x + state.y) % 1000
            yield state.x

    total = 0
    for number in numbers(range(300)):
        total += number
    return total


def module_text():
    text = ""
    thing = Vector(0, "")
    while thing.x < 300:
        thing.x += 1
        if thing.x % 100 == 0:
            thing.y += str(thing.x) + ","
            text = repr(thing)
    return text


print(pairs())
print(sums(300), sums(2))
print(slots(Slotted()), slots(Child()))
print(shape())
print(given())
print(aliases())
print(nested())
print(classes())
print(finalisers())
print(weak())
print(raising())
print(collected())
print(in_generator())
print(module_text())
