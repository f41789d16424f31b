"""Properties and descriptors of a class that has `__getattr__`, too: what they compute, and what is asked when they raise
AttributeError or something else, in the middle of a loop."""

# expect-stdout:
#   (99901, [('half', 49), ('half', 99), ('scaled', 141), ('scaled', 142), ('scaled', 143), ('scaled', 144), ('half', 149), ('half', 199), ('half', 249)], [('nothing', 0), ('nothing', 100), ('division by zero', 170), ('nothing', 200)], True, False, True)
#   (99901, [('half', 49), ('half', 99), ('scaled', 141), ('scaled', 142), ('scaled', 143), ('scaled', 144), ('half', 149), ('half', 199), ('half', 249)], [('nothing', 0), ('nothing', 100), ('division by zero', 170), ('nothing', 200)], True, False, True)


class Scaled:
    """A descriptor that is no data descriptor."""

    def __get__(self, instance, owner):
        if instance.size > 140:
            raise AttributeError("too large")
        return instance.size * 2


class Clamped:
    def __get__(self, instance, owner):
        return getattr(instance, "_clamped", -1)

    def __set__(self, instance, value):
        setattr(instance, "_clamped", min(value, 9))


class Thing:
    scaled = Scaled()
    clamped = Clamped()

    def __init__(self):
        self.size = 0
        self.asked = []

    @property
    def half(self):
        if self.size % 50 == 49:
            raise AttributeError("odd")
        return self.size // 2

    @property
    def third(self):
        return self.missing // 3 + self.size // (self.size - 170)

    def method(self):
        return self.size

    def __getattr__(self, name):
        if name == "missing":
            return 30
        if name in ("half", "scaled"):
            self.asked.append((name, self.size))
            return -1000
        raise AttributeError(name)


def main():
    thing = Thing()
    total = 0
    errors = []
    for i in range(260):
        thing.size = i
        thing.clamped = i
        total += thing.half + thing.clamped + thing.method() + getattr(thing, "size", 5) + getattr(thing, "none", 2)
        if i < 145:
            total += thing.scaled
        try:
            total += thing.third
        except ZeroDivisionError as error:
            errors.append((str(error), i))
        if i % 100 == 0:
            try:
                thing.nothing
            except AttributeError as error:
                errors.append((str(error), i))
    return total, thing.asked, errors, hasattr(thing, "half"), hasattr(thing, "nothing"), hasattr(thing, "size")


print(main())
print(main())
