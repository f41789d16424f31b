"""Recursive functions that are replaced while they run, closures, methods, and what dies when they return."""

# expect-stdout:
#   1057 166
#   166
#   47
#   100
#   [227, 228, 229]
#   (30, 130, 30, 30)
#   78 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
#   6 [2, 4, 6, 8, 10, 12, 99]


def f(n):
    global g
    if n == 0:
        return 1
    if n == 7 and swap:
        g = h
    return 1 + g(n - 1)


def h(n):
    return 1000 if n == 0 else 10 + f(n - 1)


g = f
swap = False
for _ in range(200):
    f(30)
swap = True
print(f(30), f(30))
for _ in range(100):
    result = f(30)
print(result)


def changed(n):
    return 0 if n == 0 else changed(n - 1) + 1


def other(n):
    return 7 if n == 0 else changed(n - 1) + 2


for _ in range(100):
    changed(20)
changed.__code__ = other.__code__
print(changed(20))


def defaults(n, by=1):
    return 0 if n == 0 else defaults(n - 1) + by


for _ in range(100):
    defaults(20)
defaults.__defaults__ = (5,)
print(defaults(20))


def outer(k):
    def inner(n):
        return k if n == 0 else inner(n - 1) + 1

    return inner(30)


print([outer(k) for k in range(200)][-3:])


class Methods:
    def plain(self, n):
        return 0 if n == 0 else self.plain(n - 1) + 1

    @classmethod
    def of_class(cls, n):
        return 0 if n == 0 else cls.of_class(n - 1) + 1

    @staticmethod
    def static(n):
        return 0 if n == 0 else Methods.static(n - 1) + 1


class Override(Methods):
    def plain(self, n):
        return 100 if n == 0 else super().plain(n)


for _ in range(100):
    result = Methods().plain(30), Override().plain(30), Methods.of_class(30), Methods.static(30)
print(result)


class Dies:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Dies.log.append(self.name)


def keeps(n):
    held = Dies(n)
    if n == 0:
        return len(Dies.log)
    return keeps(n - 1) + held.name


def passes(given, n):
    if n == 0:
        given = None
        return len(Dies.log)
    return passes(given, n - 1) if n % 2 else passes(Dies(n), n - 1) + 1


for _ in range(60):
    Dies.log.clear()
    result = keeps(12)
print(result, Dies.log)
for _ in range(60):
    Dies.log.clear()
    result = passes(Dies(99), 12)
print(result, Dies.log)
