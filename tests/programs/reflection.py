"""Builtins that look something up in a class, and attributes that Python code gives."""

# expect-stdout:
#   (24958, [-4, 7, -2, -1, -5, -5, -5], ['_level', 'number', 'twice']) 64800
#   (-148800, 120, 50, 50) 4023 (14500, 2999, 2998) (4455000, 46500)
#   (1979057, ['ValueError: __len__() should return >= 0', "TypeError: 'float' object cannot be interpreted as an integer", "OverflowError: cannot fit 'int' into an index-sized integer", "TypeError: 'str' object cannot be interpreted as an integer", 'ValueError: __len__() should return >= 0'])
#   (400, ['ValueError: __len__() should return >= 0', "TypeError: 'float' object cannot be interpreted as an integer", "OverflowError: cannot fit 'int' into an index-sized integer", "TypeError: 'str' object cannot be interpreted as an integer", 'ValueError: __len__() should return >= 0'])
#   (3980, ['TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)'])
#   (0, ['TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)', 'TypeError: __str__ returned non-string (type int)'])
#   (3980, ['TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)'])
#   (0, ['TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)', 'TypeError: __repr__ returned non-string (type NoneType)'])


class Clamped:
    def __init__(self, name, low, high):
        self.name = "_" + name
        self.low = low
        self.high = high

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return getattr(instance, self.name, self.low)

    def __set__(self, instance, value):
        setattr(instance, self.name, min(max(value, self.low), self.high))


class Lazy:
    """Not a data descriptor: what the instance has goes first."""

    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        value = self.function(instance)
        if value % 3 == 0:
            setattr(instance, self.name, value)
        return value


class Thing:
    level = Clamped("level", -5, 5)
    kind = "thing"

    def __init__(self, number):
        self.number = number

    @Lazy
    def twice(self):
        return 2 * self.number

    def __getattr__(self, name):
        if name.startswith("no"):
            raise AttributeError(name)
        return len(name) + self.number

    def __len__(self):
        return self.number % 10

    def __abs__(self):
        return -self.number

    def __round__(self):
        return self.number // 2

    def __str__(self):
        return "Thing" if self.number % 50 else "Fifty"

    def __repr__(self):
        return f"<{self.number}>"

    def visit_a(self, x):
        return x + 1

    def visit_b(self, x):
        return x * 2

    def visit_c(self, x):
        return x - 3


class Counter:
    def __init__(self, n):
        self.n = n

    def __next__(self):
        self.n += 1
        if self.n % 100 == 0:
            raise StopIteration(self.n)
        return self.n

    def __iter__(self):
        return self


class Odd:
    """Answers that a builtin does not take, from some number on."""

    def __init__(self, number, limit):
        self.number = number
        self.limit = limit

    def __len__(self):
        if self.number < self.limit:
            return self.number
        return [-1, True, 2.5, 1 << 70, "x"][self.number % 5]

    def __str__(self):
        return "ok" if self.number < self.limit else 17

    def __repr__(self):
        return "ok" if self.number < self.limit else None


def descriptors(n):
    things = [Thing(i) for i in range(7)]
    total = 0
    for i in range(n):
        thing = things[i % 7]
        thing.level = i % 17 - 8
        total += thing.level + thing.twice
        if i == n - 3:
            del thing.__dict__["_level"]
            total += 1000 * thing.level
    return total, [thing.level for thing in things], sorted(vars(things[3]))


def missing(n):
    thing = Thing(4)
    total = 0
    for i in range(n):
        total += thing.abc + thing.number
        try:
            total += thing.nothing if i % 5 == 0 else thing.something
        except AttributeError:
            total += 1
    return total


def builtins_ask(n):
    total = 0
    texts = {}
    for i in range(n):
        thing = Thing(i % 120)
        total += len(thing) + abs(thing) + round(thing)
        text = str(thing) + repr(thing)
        texts[text] = texts.get(text, 0) + 1
        if not thing:
            total += 7
    return total, len(texts), texts["Fifty<50>"], texts["Thing<7>"]


def dispatch(n):
    thing = Thing(1)
    value = 0
    for i in range(n):
        value = getattr(thing, "visit_" + "abc"[i * 7 % 3])(value) % 10_007
    return value


def has(n):
    total = 0
    objects = [Thing(3), Counter(2), Thing, 5, "text", Odd(1, 2)]
    for i in range(n):
        item = objects[i % 6]
        total += hasattr(item, "n") + 2 * hasattr(item, "number") + 4 * hasattr(item, "limit")
        total += getattr(item, "kindness", 3) if not isinstance(item, Thing) else 0
        setattr(objects[1], "m" if i % 2 else "k", i)
    return total, objects[1].m, objects[1].k


def steps(n):
    counter = Counter(0)
    total = stops = 0
    for _ in range(n):
        try:
            total += next(counter)
        except StopIteration as stop:
            stops += stop.value
    return total, stops


def odd(n, builtin, limit):
    total = 0
    raised = []
    for i in range(n):
        try:
            answer = builtin(Odd(i, limit))
            total += answer if isinstance(answer, int) else len(answer)
        except (TypeError, ValueError, OverflowError) as error:
            if len(raised) < 5:
                raised.append(f"{type(error).__name__}: {error}")
    return total, raised


print(descriptors(3000), missing(3000))
print(builtins_ask(6000), dispatch(3000), has(3000), steps(3000))
for builtin in (len, str, repr):
    for limit in (1990, 0):
        print(odd(2000, builtin, limit))
