"""Attributes of classes that are set all the time: counters, next numbers, switches; and classes that change besides."""

# expect-stdout:
#   3000
#   9000 9000
#   2000 4000 (2000, 2000)
#   text 2999 None
#   one 1500 two 1500
#   6000 3000
#   3000 0
#   big 30000000000000000000000
#   list 2000 1999
#   set by the metaclass 1500
#   gone after 2500
#   property 7 after 1000
#   slots 3000 3000
#   abstract 3000
#   shared 6000 3000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"count"...

from abc import ABC


class Stats:
    n = 0


def count(times):
    for _ in range(times):
        Stats.n += 1
    return Stats.n


class Account:
    opened = 0
    next_number = 1000

    def __init__(self):
        Account.opened += 1
        self.number = self.take()

    @classmethod
    def take(cls):
        cls.next_number += 1
        return cls.next_number


def accounts(times):
    last = None
    for _ in range(times):
        last = Account()
    return last.number - 1000 + 6000, Account.opened + 6000


class Base:
    made = 0


class Left(Base):
    pass


class Right(Base):
    made = 0


def derived(times):
    """A tally is set in a class's own dict: `Right` has one of its own, `Left` gets one."""
    for i in range(times):
        Right.made += 1
        Base.made += 2
        if i == 0:
            before = Left.made
    assert before == 2
    left = Left()
    seen = 0
    for _ in range(times):
        seen = left.made
        Base.made += 0
    for _ in range(times):
        Left.made = Right.made
    return Right.made, seen, (Left.made, Right.made)


class Last:
    seen = "none"


def kinds(times):
    for i in range(times):
        Last.seen = "text" if i % 3 == 0 else i if i % 3 == 1 else None
        if i == times - 3:
            first = Last.seen
        if i == times - 2:
            second = Last.seen
    return first, second + 1, Last.seen


class Switch:
    mode = 1

    def act(self):
        return "one"

    def two(self):
        return "two"


def methods(times):
    """A method is replaced while a tally is counted."""
    found = {}
    switch = Switch()
    for i in range(times):
        Switch.mode += 1
        if i == times // 2:
            Switch.act = Switch.two
        name = switch.act()
        found[name] = found.get(name, 0) + 1
    return found


class Nested:
    count = 0

    def step(self):
        Nested.count += 1
        return self.count


def by_instance(times):
    nested, total = Nested(), 0
    for _ in range(times):
        total = nested.step() + Nested.count
    return total, nested.count


def shadowed(times):
    """An instance gets an attribute of its own."""
    nested = Nested()
    Nested.count = 0
    for _ in range(times):
        nested.count += 1
    return nested.count, Nested.count


class Big:
    value = 0


def bigints(times):
    for _ in range(times):
        Big.value += 10**19
    return Big.value


class Any:
    thing = 0


def objects(times):
    """No number any more."""
    for i in range(times):
        Any.thing = i
    last = Any.thing
    for _ in range(times):
        Any.thing = [1]
        Any.thing.append(2)
    return len(Any.thing) * times // 2, last


class Meta(type):
    def __setattr__(cls, name, value):
        super().__setattr__("other", value)


class Ruled(metaclass=Meta):
    other = 0
    name = 0


def metaclass(times):
    for i in range(times):
        Ruled.name = i + 1
    assert Ruled.name == 0
    return Ruled.other


class Removed:
    x = 0


def removed(times):
    seen = 0
    try:
        for i in range(times):
            Removed.x += 1
            seen = Removed.x
            if i == times - 501:
                del Removed.x
    except AttributeError:
        return seen
    return None


class Computed:
    x = 0


def computed(times):
    """What was a number becomes a property."""
    thing = Computed()
    seen = 0
    for i in range(times):
        if i == 1000:
            Computed.x = property(lambda self: 7)
            return thing.x, seen
        Computed.x += 1
        seen = thing.x
    return None


class Slotted:
    __slots__ = ("a", "b")
    made = 0

    def __init__(self, a, b):
        self.a = a
        self.b = b
        Slotted.made += 1


def slots(times):
    total = 0
    kept = []
    for i in range(times):
        thing = Slotted(i, 1)
        kept.append(thing)
        total += thing.b
        if i % 7 == 0:
            kept.clear()
    return total, Slotted.made


class Abstract(ABC):
    made = 0


class Concrete(Abstract):
    def __init__(self):
        type(self).__mro__[1].made += 1


def abstract(times):
    for _ in range(times):
        Concrete()
    return Abstract.made


class Shared:
    total = 0

    def add(self, n):
        Shared.total = Shared.total + n


class SharedMore(Shared):
    extra = 0

    def add(self, n):
        super().add(n)
        self.__class__.extra += 1


def shared(times):
    thing = SharedMore()
    for _ in range(times):
        thing.add(2)
    return Shared.total, SharedMore.extra


print(count(3000))
print(*accounts(3000))
print(*derived(2000))
print(*kinds(3000))
print(*[part for pair in methods(3000).items() for part in pair])
print(*by_instance(3000))
print(*shadowed(3000))
print("big", bigints(3000))
print("list", *objects(2000))
print("set by the metaclass", metaclass(1500))
print("gone after", removed(3000))
print("property", "{} after {}".format(*computed(3000)))
print("slots", *slots(3000))
print("abstract", abstract(3000))
print("shared", *shared(3000))
