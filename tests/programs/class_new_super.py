"""`__new__` in Python that has the base class make the instance, with slots and without, and what overrides it meanwhile."""

# expect-stdout:
#   (-2994, 4) 1500
#   [1500, 1124250, 1498]
#   Half(750) True
#   TypeError 600
#   [2, 2, 2] 900
#   ['made', 'made', 'made'] 3
# expect-no-event: ..."event":"not-inlined"..."callee":"object.__new__"..."function":"Ratio.of"...
# expect-no-event: ..."reason":"unsupported-opcode"...Ratio...

from abc import ABC, abstractmethod


class Ratio:
    __slots__ = ("top", "bottom")

    def __new__(cls, top, bottom=1):
        self = super().__new__(cls)
        self.top = top
        self.bottom = bottom
        return self

    @classmethod
    def of(cls, top, bottom):
        made = super(Ratio, cls).__new__(cls)
        made.top, made.bottom = top, bottom
        return made

    def __add__(self, other):
        return Ratio.of(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)


def ratios(count):
    big = 0
    for i in range(count):
        total = Ratio(1) + Ratio(-i, 2) + Ratio(0, 2)
        big += total.bottom == 4
    return (total.top, total.bottom), big


class Base:
    def __new__(cls, *args):
        made = object.__new__(cls)
        made.args = args
        return made


class Derived(Base):
    def __new__(cls, value):
        made = super().__new__(cls, value, value + 1)
        made.value = value
        return made

    def __init__(self, value):
        self.other = value - 1


def derived(count):
    args = values = 0
    for i in range(count):
        made = Derived(i)
        values += made.args[1] - made.value + made.other - made.value + 1
        args += made.args[0]
    return [values, args, made.other]


class Half(int):
    def __new__(cls, value):
        return super().__new__(cls, value // 2)

    def __repr__(self):
        return f"Half({int(self)})"


class Shape(ABC):
    def __new__(cls, *args):
        return super().__new__(cls)

    @abstractmethod
    def area(self):
        ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side


def halves(count):
    for i in range(count):
        half = Half(i + 1)
    return half


def shapes(count):
    total = 0
    for i in range(count):
        total += Square(2).area() // 4
    try:
        for i in range(count):
            (Square if i < count - 1 else Shape)(3)
    except TypeError as error:
        return type(error).__name__, total


class Counted:
    made = []

    def __new__(cls):
        self = super().__new__(cls)
        self.kind = 2
        return self


def changed(count):
    kinds = []
    total = 0
    for i in range(count):
        counted = Counted()
        total += counted.kind
        if i % 150 == 149:
            kinds.append(counted.kind)
    return kinds, total


def replaced(count):
    kinds = []
    for i in range(count):
        if i == count - 3:
            Counted.__new__ = staticmethod(lambda cls: Counted.made.append(cls) or "made")
        kind = Counted()
        if kind == "made":
            kinds.append(kind)
    return kinds


print(*ratios(1500))
print(derived(1500))
print(halves(1500), isinstance(halves(40), int))
print(*shapes(600))
print(*changed(450))
print(replaced(450), len(Counted.made))
