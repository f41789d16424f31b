"""User-defined operators: arithmetic, reflected, in place, comparison, indexing, iteration, contexts, calls."""

# expect-stdout:
#   (664999, 3991332, 0, 1994, 1, 6) 10004
#   13200
#   1125750 EUR
#   1997000
#   2248500
#   (1372, 202000)


class Vector:
    made = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y
        Vector.made += 1

    def __add__(self, other):
        if isinstance(other, Vector):
            return Vector(self.x + other.x, self.y + other.y)
        return NotImplemented

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return self.x < other.x

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __iadd__(self, other):
        self.x += other
        return self

    def __contains__(self, n):
        return n in (self.x, self.y)

    def __iter__(self):
        yield self.x
        yield self.y


def run(count):
    total = Vector(0, 0)
    same = less = inside = 0
    step = Vector(1, 2)
    for i in range(count):
        total = total + step * i + 2 * -step
        if total == step:
            same += 1
        if step < total:
            less += 1
        if i in total:
            inside += 1
        step += i % 3 - 1
        a, b = step
        total.y += step[0] + step[-1] + a - b
    return total.x, total.y, same, less, inside, sum([step] * 3)[1]


print(run(2000), Vector.made)


def failing(count):
    failures = 0
    v = Vector(1, 1)
    for i in range(count):
        try:
            v + i
        except TypeError:
            failures += 1
        try:
            v < 3
        except AttributeError:
            failures += 10
    return failures


print(failing(1200))


class Money(int):
    def __add__(self, other):
        return Money(int.__add__(self, other))

    __radd__ = __add__

    def __repr__(self):
        return "%d EUR" % self


def money(count):
    total = Money(0)
    for i in range(count):
        total = i + total
        total += 1
    return total


print(money(1500))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


def iterate(count):
    total = 0
    for n in Countdown(count):
        total += n
        for m in Countdown(n % 4):
            total -= m
    return total


print(iterate(2000))


class Old:
    def __getitem__(self, index):
        if index >= 1500:
            raise IndexError
        return index * 2


def old_protocol():
    total = 0
    for item in Old():
        total += item
    return total


print(old_protocol())


class Guard:
    log = 0

    def __enter__(self):
        Guard.log += 1
        return self

    def __exit__(self, kind, value, trace):
        Guard.log += 100
        return kind is KeyError


def contexts(count):
    done = 0
    for i in range(count):
        with Guard() as guard:
            if i % 5 == 0:
                raise KeyError(i)
            if i % 7 == 0:
                continue
            done += 1
    return done, guard.log


print(contexts(2000))
