"""Names that are computed: attributes set, read, deleted and looked for by them, in instances, classes, modules and calls."""

# expect-stdout:
#   0
#   (325947, ['_level'], 10)
#   87001
#   82197
#   (969600, 4)
#   79933
#   224250

import functools
import sys


class Stored:
    """A descriptor that keeps its value under a computed name."""

    def __init__(self, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return getattr(instance, self.name, -1)

    def __set__(self, instance, value):
        setattr(instance, self.name, value)

    def __delete__(self, instance):
        delattr(instance, self.name)


class Level:
    level = Stored("level")
    other = Stored("other")


class Slotted:
    __slots__ = ("_level", "rest")
    level = Stored("level")


class Plain:
    pass


def descriptors(count):
    kept, total = Level(), 0
    for n in range(count):
        kept.level = n % 13
        total += kept.level + kept._level + kept.other
        kept._level += 1
        total += kept.level
        new = Level()
        new.other = n
        total += new.other + new._other + new.level
        slotted = Slotted()
        slotted.level = n
        total += slotted._level + slotted.level
        if n % 50 == 7:
            del kept.level
            total += kept.level
    return total, sorted(vars(kept)), kept.level


def every_name_new(count):
    """Each instance has a name of its own making."""
    total = 0
    for n in range(count):
        thing = Plain()
        setattr(thing, "na" + "me"[: 2 - n % 1], n)
        setattr(thing, f"x{n % 3}", 1)
        total += thing.name + hasattr(thing, "x1") + getattr(thing, "x2", 5)
        thing.name = 2
        total += getattr(thing, "".join(["na", "me"])) + len(vars(thing))
        thing.__dict__["late" + "r"[:1]] = 3
        total += thing.later
        thing.later = 4
        total += vars(thing)["later"] + len(thing.__dict__)
    return total


def updated(count):
    total = 0
    for n in range(count):
        thing = Plain()
        thing.__dict__.update({"".join(["a", "b"]): n, "".join("cd"): 2})
        thing.ab += thing.cd
        total += thing.ab
        thing.__dict__ = {"".join("xy"): n % 7}
        thing.xy += 1
        total += thing.xy + hasattr(thing, "ab")
    return total


def f(first, second=10, **more):
    return first * 3 + second + sum(more.values())


def called(count):
    given = {"".join(["sec", "ond"]): 4, "".join(["thi", "rd"]): 5}
    bound = functools.partial(f, **given)
    total, wrong = 0, 0
    for n in range(count):
        total += f(n, **given) + bound(n) + bound(n, second=1) + bound(n, third=2)
        if n % 100 == 3:
            try:
                f(n, second=1, **given)
            except TypeError:
                wrong += 1
    return total, wrong


class Matched:
    __match_args__ = ("".join(["le", "ft"]), "".join(["rig", "ht"]))

    def __init__(self, left, right):
        setattr(self, "".join(["le", "ft"]), left)
        self.right = right


def matched(count):
    total = 0
    for n in range(count):
        match Matched(n, n % 3):
            case Matched(left, 0):
                total += left
            case Matched(left, right=1):
                total += 2 * left
            case Matched(right=right):
                total += right
    return total


def in_modules(count):
    module, total = sys.modules[__name__], 0
    for n in range(count):
        setattr(module, "".join(["glo", "bal"]), n)
        total += globals()["global"] + getattr(module, "".join(["glob", "al"]))
        globals()["".join(["new_", "one"])] = n
        total += new_one
        setattr(Plain, "".join(["of_", "class"]), n)
        total += Plain.of_class + Plain().of_class
    del Plain.of_class
    return total


def main():
    return [
        descriptors(400), every_name_new(400), updated(400), called(400), matched(400), in_modules(300),
    ]


first = main()
print(sum(main() != first for _ in range(3)))
for part in first:
    print(part)
