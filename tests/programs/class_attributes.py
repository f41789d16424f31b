"""Attributes in hot loops: instance dicts, slots, class attributes, properties, __getattr__, deletion, new classes."""

# expect-stdout:
#   (-1, -624.5, 2500)
#   (1999000, 1999, 20)
#   (1990, 'too much', 1991, 1990)
#   (60500, 2000)
#   181861
#   (2998500.0, 1400, 700.0, False)
#   1127250


class Point:
    count = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def move(self, dx, dy):
        self.x += dx
        self.y += dy
        Point.count += 1


def walk(count):
    p = Point(0, 0.5)
    for i in range(count):
        p.move(i % 3, -0.25)
        p.x -= 1
    return p.x, p.y, Point.count


print(walk(2500))


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 0


def slots(count):
    s = Slotted()
    misses = 0
    for i in range(count):
        s.a += i
        try:
            s.b += 1
            if i % 100 == 0:
                del s.b
        except AttributeError:
            misses += 1
            s.b = i
    return s.a, s.b, misses


print(slots(2000))


class Computed:
    def __init__(self):
        self._n = 0
        self.reads = 0

    @property
    def n(self):
        self.reads += 1
        return self._n

    @n.setter
    def n(self, value):
        if value > 1990:
            raise ValueError("too much")
        self._n = value


def properties(count):
    c = Computed()
    try:
        for i in range(count):
            c.n += 1
    except ValueError as error:
        return i, str(error), c.reads, c.n


print(properties(3000))


class Dynamic:
    def __getattr__(self, name):
        if name.startswith("v"):
            return int(name[1:])
        raise AttributeError(name)


def dynamic(count):
    d = Dynamic()
    total = misses = 0
    for i in range(count):
        total += d.v7
        if i == 1000:
            d.v7 = 100
        if i == 1500:
            del d.v7
        misses += getattr(d, "other", 1)
    return total, misses


print(dynamic(2000))


def shapes(count):
    class A:
        kind = 1

    class B(A):
        pass

    objects = [A(), B(), A()]
    objects[2].kind = 5
    total = 0
    for i in range(count):
        total += objects[i % 3].kind
        if i == 900:
            B.kind = 20
        if i == 1200:
            objects[0].__class__ = B
        if i == 1500:
            A.kind = property(lambda self: 1000)
    return total


print(shapes(2000))


def created(count):
    total = 0
    keep = None
    for i in range(count):
        p = Point(i, i * 0.5)
        total += p.x + p.y
        if i % 700 == 0:
            keep = p
    return total, keep.x, keep.y, p is keep


print(created(2000))


def inheritance(count):
    class Base:
        def __init__(self, n):
            self.n = n

        def get(self):
            return self.n

    class Child(Base):
        def __init__(self, n):
            super().__init__(n + 1)

        def get(self):
            return super().get() * 2

    total = 0
    for i in range(count):
        total += Child(i).get() - Base(i).get()
    return total


print(inheritance(1500))
