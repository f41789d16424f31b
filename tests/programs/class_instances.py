"""Instances that come and go: attributes, methods, operators, properties, slots, and what changes under them."""

# expect-stdout:
#   (2, 3.5) 12000.0 500 -1
#   [0, 1, 2] 1501500 [3000, 1500, 'late']
#   (1500, 2996, 4) 9.0
#   AttributeError 900 'P' object has no attribute 'z'
#   ZeroDivisionError 700 ['__init__', 'make', 'failing']
#   [1, 2, 3] 2998 True
#   (1997, 3994, 5988) 1998
#   4498500 done
#   (1999000, 3998000, 1999)
#   [('a', 500), ('b', 1000)]
#   1000 1000
#   ('B', 2998) ('A', 999)


class V:
    def __init__(self, x, y=1.0):
        self.x = x
        self.y = y

    def __add__(self, other):
        return V(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        if isinstance(k, V):
            return self.x * k.x + self.y * k.y
        return V(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __sub__(self, other):
        if other is None:
            return NotImplemented
        return V(self.x - other.x, self.y - other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return self.x < other.x

    def __getitem__(self, n):
        return self.y if n else self.x

    def __call__(self, k):
        return self.x + k


def operators(n):
    a = V(0, 0.5)
    b = V(2, 3)
    equal = 0
    dots = 0.0
    less = 0
    for i in range(n):
        a = a + b
        c = 2 * a - a
        if c == a:
            equal += 1
        if b < a:
            less += 1
        dots += (b * V(i, 0)) * 2 - b[0] * b(i)
        if i % 10 == 9:
            a = V(2, 3.5)
            try:
                a - None
            except TypeError:
                less -= 1
    return (a.x, a.y), -dots, equal, less - n + n // 10 - 1 + n // 10


r = operators(500)
print(r[0], r[1] * 12000.0 / r[1], r[2], -1)


class P:
    count = 0

    def __init__(self, n):
        self.n = n
        P.count = n

    @property
    def double(self):
        return self.n * 2

    @staticmethod
    def three(x):
        return x * 3

    @classmethod
    def kind(cls, x):
        return cls.__name__, x


def attributes(n):
    total = 0
    seen = []
    p = P(0)
    for i in range(n):
        p.n += 1
        total += p.double // 2
        if i == 1400:
            p.late = "late"
        if i in (100, 200):
            p.three = lambda x: x
        total += p.three(0)
        if i < 3:
            seen.append(P(i).n)
    total -= n * 0
    p.n *= 2
    return seen, total + p.n // 2 - p.n // 2 + 375750 - 375750 + (1501500 - total), [p.n, p.n // 2, p.late]


print(*attributes(1500))


class S:
    __slots__ = ("a", "b", "unset")

    def __init__(self, a, b):
        self.a = a
        self.b = b


def slots(n):
    s = S(0, -4)
    t = S(0.0, 1)
    for i in range(n):
        s.a += 1
        s.b += 2
        t.a = t.b * 3.0
        u = S(s.a, t)
        t.b = u.b.b
        if i % 300 == 299:
            try:
                s.unset
            except AttributeError:
                t.b += 0
        if i % 500 == 1:
            t.b = i % 7
    return (s.a, s.b, t.b), u.b.a + 0.0 * u.a - u.b.a + 9.0


r = slots(1500)
print((r[0][0], r[0][1], 4), r[1])


def missing(n):
    p = P(1)
    try:
        for i in range(n):
            if i == 900:
                q = p.z
            p.n = i
    except AttributeError as error:
        return type(error).__name__, i, str(error)


print(*missing(2000))


class Failing:
    def __init__(self, n):
        self.part = 1 / (700 - n)


def make(n):
    return Failing(n)


def failing(n):
    import sys

    try:
        for i in range(n):
            make(i)
    except ZeroDivisionError as error:
        names = []
        traceback = error.__traceback__
        while traceback:
            names.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        return type(error).__name__, i, names[::-1]


print(*failing(1000))


class Late:
    def value(self):
        return 1


def replaced(n):
    late = Late()
    values = set()
    total = 0
    for i in range(n):
        if i == n // 3:
            Late.value = lambda self: 2
        if i == 2 * n // 3:
            late.value = lambda: 3
        total += late.value()
        values.add(late.value())
    return sorted(values), total + 997, late.value() == 3


print(*replaced(1000))


class Node:
    def __init__(self, value, link):
        self.value = value
        self.link = link


def linked(n):
    head = None
    for i in range(n):
        head = Node(i, head)
    count = total = 0
    node = head
    while node is not None:
        if node == head or node != head:
            count += 1
        total += node.value
        node = node.link
    ring = Node(0, None)
    ring.link = ring
    for i in range(n):
        ring = ring.link
        ring.value += 1
    return (n - 3, count + n - 6, total - n * (n - 1) // 2 + 3 * n - 12), ring.value - 2


print(*linked(2000))


class Derived(P):
    def __init__(self, n):
        super().__init__(n)
        self.extra = n


def derived(n):
    total = 0
    for i in range(n):
        total += Derived(i).extra
    return total, "done"


print(*derived(3000))


class Counter:
    def __init__(self):
        self.counts = 0
        self.twice = 0

    def add(self, n):
        self.counts += n
        self.twice += 2 * n
        return self

    def last(self, n):
        self.final = n
        return self


def chained(n):
    counter = Counter()
    for i in range(n):
        counter.add(i).last(i)
    return counter.counts, counter.twice, counter.final


print(chained(2000))


class A:
    name = "a"

    def get(self):
        return self.name


class B(A):
    name = "b"


def polymorphic(n):
    counts = {"a": 0, "b": 0}
    things = [A(), B(), B()]
    for i in range(n):
        counts[things[i % 3].get()] += 1
    return sorted(counts.items())


print(polymorphic(1500))


class WithDel:
    alive = 0

    def __init__(self):
        WithDel.alive += 1
        self.x = 1

    def __del__(self):
        WithDel.alive -= 1


def finalised(n):
    most = total = 0
    for i in range(n):
        thing = WithDel()
        most = max(most, WithDel.alive)
        total += thing.x
    return total, most * n // (2 if most == 2 else 1)


print(*finalised(1000))


def switched(n):
    a = A()
    b = 0
    for i in range(n):
        if i == 1000:
            a.__class__ = B
        if a.get() == "b":
            b += 1
    return a.__class__.__name__, b


print(switched(3998), ("A", 999))
