"""Random programs: made from a seed, always the same, always over soon, printing what they compute.

    generate.py SEED [COUNT]        prints one file that runs COUNT programs (1) from SEED on, one after the other

A program has a few functions (defaults, keywords, stars, closures, generators, loops inside) and a main part, which is
either a function that is called several times or code at module level. Its loops run often enough to be hot with low
thresholds. It prints intermediate values and, at the end, everything it has, through repr(). Whatever exception gets out of
it is printed with its line numbers.

Bounded work: every loop's bound is a constant, every nest of loops has a product of bounds that is limited, `while` loops
have a counter that nothing else assigns, and ints that may grow are cut back.
"""

import random
import sys

from expressions import GROWING, Expressions, Function, Scope

WORK_LIMIT = 2500
PROLOGUE = """from collections import Counter
from collections.abc import Sized
from enum import IntEnum
from functools import cache, lru_cache
from heapq import heappushpop
from math import gcd, sqrt
from numbers import Number
from types import coroutine
class Level(IntEnum):
    LOW = 1
    HIGH = 2
    TOP = 3
LEVELS = list(Level)
SET = frozenset((1, 2))
class Own(Exception):
    pass
class Box:
    def __init__(self, n):
        self.n = n
    def step(self, by=1):
        self.n = (self.n + by) % 10007
        return self.n
class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)
    def __mul__(self, by):
        return Vec(self.x * by, self.y * by)
    def __eq__(self, other):
        return self.x == other.x and self.y == other.y
    def __bool__(self):
        return self.x != 0
    def __getitem__(self, n):
        return self.y if n else self.x
    @property
    def size(self):
        return abs(self.x) + abs(self.y)
class Tally:
    made = 0
    label = ""
    def __init__(self, n=0):
        Tally.made += 1
        self.n = n
    @classmethod
    def take(cls):
        cls.made += 1
        return cls.made
class TallyMore(Tally):
    pass
class Ring:
    def __init__(self, n, other=None):
        self.n = n
        self.other = self if other is None else other
        self.others = [self, other]
@coroutine
def pause(n):
    sent = yield n
    return 1 if sent is None else sent
class Awaited:
    def __init__(self, n):
        self.n = n
    def __await__(self):
        if self.n % 3:
            yield self.n
        return self.n
class Steps:
    def __init__(self, n):
        self.n = n
    def __aiter__(self):
        return self
    async def __anext__(self):
        self.n -= 1
        if self.n < 0:
            raise StopAsyncIteration
        if self.n % 4 == 1:
            await pause(self.n)
        return self.n
    async def __aenter__(self):
        return await summed(self.n % 3)
    async def __aexit__(self, kind, error, tb):
        if self.n % 2:
            await pause(self.n)
        return kind is Own
async def summed(n):
    return n if n < 1 else n + await summed(n - 2)
async def perhaps(n, k=3):
    if n % k == 0:
        n += await pause(n)
    elif n % k == 1:
        n += await Awaited(n % 7)
    if n % 41 == 40:
        raise Own(n)
    return n % 1009 + await summed(n % 5)
async def giving(n, k=5):
    try:
        for p in range(n):
            if p % k == 2:
                await pause(p)
            if p == 9:
                raise Own(p)
            yield p * k
    finally:
        Tally.made = (Tally.made + 1) % 1009
def driven(awaited, limit=40):
    value = None
    try:
        for n in range(limit):
            value = awaited.send(value) % 3 or None
    except StopIteration as end:
        return end.value or 0
    except Own as own:
        return own.args[0] % 7
    awaited.close()
    return limit
class Speaker:
    def on_Box(self, box):
        return box.n
    def on_Vec(self, vec):
        return vec.size
    def on_TallyMore(self, tally):
        return tally.n + tally.made
    def on_int(self, n):
        return n % 7
    def other(self, thing):
        return 5
    def say(self, thing):
        return getattr(self, f"on_{type(thing).__name__}", self.other)(thing)
class Bag:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for item in self.items:
            yield item


class Shelf(Bag):
    sizes = 0

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        Shelf.sizes += 1
        return 2


class Pile(Shelf):
    def __iter__(self):
        return (item + 1 for item in self.items)


class Count:
    def __init__(self, n):
        self.i, self.n = 0, n
    def __iter__(self):
        return self
    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        return self.i
class Scoped:
    def __init__(self, log):
        self.log = log
    def __enter__(self):
        return len(self.log)
    def __exit__(self, kind, value, traceback):
        self.log.append(kind.__name__ if kind else "-")
        return kind is Own
def count(n):
    for i in range(n):
        yield i
def kept(source, by):
    for x in source:
        if x % by:
            yield x
def guarded(n, log):
    try:
        for i in range(n):
            yield 100 // (n - i - 3) if i % 7 else i
    finally:
        log.append(n)
def chained(a, b):
    got = yield from count(a)
    yield 1 if got is None else 2
    yield from range(b)
def named(p, *rest, b=1, **more):
    if "k" in more:
        p += more.pop("k")
    return int(p + b * len(rest) + 3 * sum(more.values()) + 5 * len(more)) % 10007
def passed(*args, **more):
    return named(*args, **more)
def tri(n):
    return n if n < 2 else n + tri(n - 1)
def even(n):
    return True if n == 0 else odd(n - 1)
def odd(n):
    return False if n == 0 else even(n - 1)
def walk(depth, x):
    if depth == 0:
        return x * 0.5 if x % 5 == 0 else x
    return walk(depth - 1, x + 1) + walk(depth - 1, x + 2)
@cache
def ways(n, k=1):
    return n if n < 2 else (ways(n - 1, k) + k * ways(n - 2, k)) % 10007
@lru_cache(maxsize=5)
def latest(n):
    return n * 3 % 11
STATES = {((n % 5, (n % 3, "s")), n % 4): n for n in range(60)}
PAIRS = {(n % 9, n % 7): n for n in range(63)}
SEEN = {(1.0, 2), (True, 3), (2, 2.5), ("a", 1), (4,), 5, (0, 0), (3, 1), (6, 4), (7, 3), (8.0, 2.0)}
"""
BATCH = """import traceback

for seed, source in PROGRAMS:
    print("# program", seed)
    try:
        exec(compile(source, "program_%d" % seed, "exec"), {"__name__": "program"})
    except Exception as error:
        lines = [(entry.name, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)[1:]]
        print("ended with", type(error).__name__, error, lines)
"""


class Generator(Expressions):
    """Writes one program. `lines` is the source so far."""

    def __init__(self, seed):
        super().__init__(random.Random(seed), WORK_LIMIT)
        self.lines = []
        self.fresh = 0
        self.prints = 0
        # Half of the programs keep to what every step of the JIT compiles, so that whole loops of them are compiled.
        self.plain = self.chance(0.5)

    def put(self, indent, text):
        self.lines.append("    " * indent + text)

    def name(self, prefix):
        self.fresh += 1
        return "%s%d" % (prefix, self.fresh)

    def program(self):
        self.lines = PROLOGUE.splitlines()
        functions = []
        for _ in range(self.random.randrange(4)):
            functions.append(self.function(functions))
        generators = [] if self.plain else [self.generator() for _ in range(self.random.randrange(2))]
        if self.chance(0.45):
            self.main_at_module_level(functions, generators)
        else:
            self.main_function(functions, generators)
        return "\n".join(self.lines) + "\n"

    def function(self, functions):
        """A function of one to three numbers; it may loop, raise, and call those that were made before it."""
        name = self.name("f_")
        parameters = [self.weighted((2, "i"), (1, "f")) for _ in range(self.random.randrange(1, 4))]
        count = self.random.randrange(len(parameters) + 1) if self.chance(0.5) else 0
        defaults = [self.pick(["3", "10", "-2"]) if kind == "i" else self.pick(["0.5", "2.0"]) for kind in parameters[-count:]]
        defaults = defaults if count else []
        star = self.chance(0.15)
        words = ["p%d" % number for number in range(len(parameters))]
        for number, default in enumerate(defaults, len(parameters) - len(defaults)):
            words[number] += "=" + default
        self.put(0, "def %s(%s):" % (name, ", ".join(words + (["*more"] if star else []))))
        scope = Scope(functions)
        for number, kind in enumerate(parameters):
            (scope.ints if kind == "i" else scope.floats).append("p%d" % number)
        if star:
            self.put(1, "n_more = len(more)")
            scope.read_only.append("n_more")
        scope.ints.append(self.name("i"))
        self.put(1, "%s = %s" % (scope.ints[-1], self.pick(["0", "1", "5"])))
        cost = 1
        if self.chance(0.25):
            trips = self.random.randrange(3, 25)
            scope.runs = cost = trips
            counter = self.name("k")
            self.put(1, "for %s in range(%d):" % (counter, trips))
            scope.read_only.append(counter)
            self.block(scope, 2, 2, True)
            scope.read_only.remove(counter)
            scope.runs = 1
        for _ in range(self.random.randrange(3)):
            if self.chance(0.4):
                self.put(1, "if %s:" % self.bool(scope))
                self.put(2, "return %s" % (self.int(scope) if self.chance(0.5) else self.float(scope)) if self.chance(0.15) else "pass")
            else:
                self.assign(scope, 1)
        if self.chance(0.15):
            self.put(1, "if %s %% %d == 0:" % (self.int_leaf(scope), self.random.randrange(5, 60)))
            self.put(2, "raise %s(%s)" % (self.pick(["Own", "ValueError"]), self.int_leaf(scope)))
        result = self.weighted((2, "i"), (1, "f"))
        if result == "i":
            self.put(1, "return %s %% 1000003" % self.int(scope))
        else:
            self.put(1, "return %s" % self.float(scope))
        used = [f.cost for f in functions if any(f.name + "(" in line for line in self.lines)]
        return Function(name, parameters, defaults, star, result, cost * (1 + sum(used)))

    def generator(self):
        """A generator function of one number; returns (its name, how many values it yields at most)."""
        name = self.name("g_")
        trips = self.random.randrange(5, 40)
        self.put(0, "def %s(start):" % name)
        self.put(1, "state = start")
        self.put(1, "for step in range(%d):" % trips)
        scope = Scope()
        scope.ints.append("state")
        scope.read_only.append("step")
        self.put(2, "state = %s %% 10007" % self.int(scope))
        if self.chance(0.3):
            self.put(2, "if %s:" % self.bool(scope))
            self.put(3, self.pick(["continue", "return", "yield step"]))
        self.put(2, "yield %s" % self.pick(["state", "state + step", "step"]))
        return name, trips * 2

    def variables(self, scope, indent):
        """Defines a scope's variables."""
        for _ in range(self.random.randrange(2, 5)):
            scope.ints.append(self.name("i"))
            self.put(indent, "%s = %s" % (scope.ints[-1], self.int_leaf(Scope())))
        for _ in range(self.random.randrange(1, 3)):
            scope.floats.append(self.name("x"))
            self.put(indent, "%s = %s" % (scope.floats[-1], self.float(Scope(), 0)))
        for _ in range(self.random.randrange(3)):
            scope.int_lists.append(self.name("l"))
            numbers = ", ".join(self.pick(["1", "-2", "3", "50", "7", "0"]) for _ in range(self.random.randrange(3, 9)))
            self.put(indent, "%s = [%s]" % (scope.int_lists[-1], numbers))
        if self.chance(0.4):
            scope.float_lists.append(self.name("y"))
            self.put(indent, "%s = [0.5, 1.25, -3.0, 2.0]" % scope.float_lists[-1])
        if self.chance(0.4):
            name = self.name("t")
            self.put(indent, "%s = (%s, %s)" % (name, self.int(scope), self.int(scope)))
            scope.tuples.append(name)
        if self.plain:
            return
        if self.chance(0.3):
            scope.texts.append(self.name("s"))
            self.put(indent, "%s = 'abc'" % scope.texts[-1])
        if self.chance(0.4):
            scope.mixed.append(self.name("m"))
            self.put(indent, "%s = %s" % (scope.mixed[-1], self.pick(["None", "1", "0.5", "True"])))
        if self.chance(0.25):
            scope.boxes.append(self.name("b"))
            self.put(indent, "%s = Box(%s)" % (scope.boxes[-1], self.pick(["0", "5"])))

    def show(self, scope, indent):
        names = scope.ints + scope.floats + scope.texts + scope.int_lists + scope.float_lists + scope.tuples + scope.mixed
        self.put(indent, "print(%s)" % ", ".join("repr(%s)" % name for name in names + [b + ".n" for b in scope.boxes]))

    def main_function(self, functions, generators):
        self.put(0, "def main(p0, p1):")
        scope = Scope(functions)
        scope.ints.append("p0")
        scope.floats.append("p1")
        self.variables(scope, 1)
        if self.chance(0.25):
            self.closure(scope, 1)
        self.loops(scope, 1, generators, 3)
        self.show(scope, 1)
        self.put(1, "return p0, p1")
        calls = ["main(%s, %s)" % (self.pick(["0", "7", "-3", "123456"]), self.pick(["0.5", "-1.0", "1e6"])) for _ in range(3)]
        calls += ["main(2, 3)"] * self.chance(0.3)
        for call in calls:
            self.put(0, "try:")
            self.put(1, "print(repr(%s))" % call)
            self.put(0, "except (ArithmeticError, LookupError, ValueError, Own) as error:")
            self.put(1, "print('failed', type(error).__name__, error, error.__traceback__.tb_next.tb_lineno)")

    def main_at_module_level(self, functions, generators):
        scope = Scope(functions)
        self.variables(scope, 0)
        if self.chance(0.5):
            name = self.name("f_")
            self.put(0, "def %s(p0=1):" % name)
            self.put(1, "global %s" % scope.ints[0])
            self.put(1, "%s = (%s + p0) %% 100003" % (scope.ints[0], self.pick(scope.ints)))
            self.put(1, "return %s" % self.pick(scope.ints))
            scope.functions.append(Function(name, ["i"], ["1"], False, "i", 1))
        self.loops(scope, 0, generators, 3)
        self.show(scope, 0)

    def closure(self, scope, indent):
        """A local function that reads and writes the variables of the function around it."""
        name = self.name("f_")
        variable = self.pick([each for each in scope.ints if each != "p0"])
        self.put(indent, "def %s(p0=2):" % name)
        self.put(indent + 1, "nonlocal %s" % variable)
        self.put(indent + 1, "%s = (%s - p0 * %s) %% 100019" % (variable, variable, self.pick(["2", "3", "-1"])))
        self.put(indent + 1, "return %s + p0" % self.pick(scope.ints))
        scope.functions.append(Function(name, ["i"], ["2"], False, "i", 1))

    def loops(self, scope, indent, generators, count):
        for _ in range(self.random.randrange(1, count + 1)):
            self.loop(scope, indent, generators)
            if self.chance(0.5):
                self.assign(scope, indent)

    def loop(self, scope, indent, generators=()):
        """A loop with at least one statement in it, if the work limit allows one here; its else and break included."""
        most = WORK_LIMIT // scope.runs
        if most < 3:
            self.assign(scope, indent)
            return
        trips = min(most, self.random.randrange(20, 250) if scope.runs < 30 else self.random.randrange(2, 15))
        variable = self.name("k")
        read_only = [variable]
        wrapped = None
        kind = self.random.random()
        if kind < 0.45:
            step = self.pick([1, 1, 1, 2, 3, 7, -1, -2])
            start = self.pick([0, 0, 1, -5, 10, 9223372036854775800 if self.chance(0.1) else 3])
            head = "for %s in range(%d, %d, %d):" % (variable, start, start + step * trips, step)
            head = "for %s in range(%d):" % (variable, trips) if (start, step) == (0, 1) else head
        elif kind < 0.65:
            self.put(indent, "%s = 0" % variable)
            head = "while %s < %d%s:" % (variable, trips, " and " + self.bool(scope) if self.chance(0.3) else "")
            wrapped = "%s += 1" % variable
        elif kind < 0.72 and generators:
            name, count = self.pick(generators)
            trips = min(count, most)
            head = "for %s in %s(%s):" % (variable, name, self.int_leaf(scope))
            if count > most:
                head = "for %s in []:" % variable
        elif scope.int_lists:
            head = self.container_loop(scope, indent, variable, read_only, trips)
        else:
            head = "for %s in (1, 2.5, 3) * %d:" % (variable, max(1, trips // 3))
            read_only = []
            scope.floats.append(variable)
        before, scope.runs = scope.runs, scope.runs * max(trips, 1)
        scope.read_only += read_only
        self.put(indent, head)
        if wrapped:
            self.put(indent + 1, wrapped)
        self.block(scope, indent + 1, self.random.randrange(1, 5), True)
        for name in read_only:
            scope.read_only.remove(name)
        if variable in scope.floats:
            scope.floats.remove(variable)
        scope.runs = before
        if self.chance(0.15):
            self.put(indent, "else:")
            self.block(scope, indent + 1, 1, False)

    def container_loop(self, scope, indent, variable, read_only, trips):
        """The head of a loop over a list, possibly enumerated, zipped or reversed; `read_only` gets its int variables."""
        source = self.name("c")
        self.put(indent, "%s = (%s * %d)[:%d]" % (source, self.pick(scope.int_lists), trips // 3 + 1, trips))
        other = self.name("k")
        form = self.random.randrange(6)
        if form < 2:
            return "for %s in %s:" % (variable, source)
        if form == 2:
            read_only.append(other)
            return "for %s, %s in enumerate(%s%s):" % (other, variable, source, ", 5" if self.chance(0.3) else "")
        if form == 3:
            read_only.append(other)
            return "for %s, %s in zip(%s, range(%d)):" % (variable, other, source, max(1, trips - 1))
        if form == 4:
            return "for %s in reversed(%s):" % (variable, source)
        return "for %s in tuple(%s):" % (variable, source)

    def block(self, scope, indent, count, in_loop):
        for _ in range(count):
            self.statement(scope, indent, in_loop)

    def statement(self, scope, indent, in_loop):
        deep = indent > 5
        loops = in_loop and not deep and scope.runs * 3 <= WORK_LIMIT
        self.weighted(
            (6, lambda: self.assign(scope, indent)),
            (3 if not deep else 0, lambda: self.branch(scope, indent, in_loop)),
            (1.6 if loops else 0, lambda: self.loop(scope, indent)),
            (0 if deep else 0.15 if self.plain else 0.8, lambda: self.attempt(scope, indent, in_loop)),
            (1.2, lambda: self.container(scope, indent)),
            (0.5 if scope.mixed else 0, lambda: self.mix(scope, indent)),
            (0.5 if scope.texts else 0, lambda: self.text(scope, indent)),
            (0.4 if scope.boxes else 0, lambda: self.box(scope, indent)),
            (0.5, lambda: self.swap(scope, indent)),
            (0.5 if self.plain else 1.5, lambda: self.further(scope, indent)),
            (0.4 if self.prints < 8 else 0, lambda: self.speak(scope, indent)),
            (0 if self.plain else 0.2, lambda: self.forget(scope, indent)),
        )()

    def assign(self, scope, indent):
        if scope.floats and self.chance(0.35):
            name = self.pick(scope.floats)
            if self.chance(0.4):
                sign = self.pick("+-*")
                self.put(indent, "%s %s= %s" % (name, sign, self.float(scope)))
                if sign == "*":
                    # An argument may be an int.
                    self.put(indent, "if not -1e200 < %s < 1e200:" % name)
                    self.put(indent + 1, "%s = 1.5" % name)
            else:
                self.put(indent, "%s = %s" % (name, self.float(scope)))
            return
        name = self.pick(scope.ints)
        text = self.int(scope)
        if self.chance(0.45):
            sign = self.pick(["+", "-", "+", "^", "*"])
            self.put(indent, "%s %s= %s" % (name, sign, text))
            text += sign
        else:
            self.put(indent, "%s = %s" % (name, text))
        if any(mark in text for mark in GROWING):
            limit = self.weighted((3, "1 << 40"), (3, "1 << 62"), (1, "1 << 90"))
            self.put(indent, "if not -(%s) < %s < (%s):" % (limit, name, limit))
            self.put(indent + 1, "%s = %s %% %s" % (name, name, self.pick(["1009", "65537", "-1000003"])))

    def branch(self, scope, indent, in_loop):
        self.put(indent, "if %s:" % self.bool(scope))
        self.arm(scope, indent + 1, in_loop)
        while self.chance(0.25):
            self.put(indent, "elif %s:" % self.bool(scope))
            self.arm(scope, indent + 1, in_loop)
        if self.chance(0.4):
            self.put(indent, "else:")
            self.arm(scope, indent + 1, in_loop)

    def further(self, scope, indent):
        """Generators, classes with operators, closures, recursion and `with`: what comes of them goes into a variable."""
        x, a, b = self.pick(scope.ints), self.int_leaf(scope), self.int_leaf(scope)
        k, few = self.name("k"), self.random.randrange(1, 9)
        source = self.pick(
            [
                "range(%d)" % few,
                "count(%s %% %d)" % (a, few),
                "kept(count(%d), %d)" % (few + 2, self.random.randrange(2, 4)),
                "Count(%d)" % few,
                "chained(%s %% 3, %d)" % (a, few),
                "(%s, %s, 7)" % (a, b),
            ]
        )
        body = self.pick([k, "%s * 3" % k, "%s ^ 5" % k, "%s %% 7 - 2" % k, "(%s + %s) %% 1009" % (k, b)])
        test = self.pick(["", "", " if %s %% 2" % k, " if %s > %s %% 6" % (k, a)])
        expression = "%s for %s in %s%s" % (body, k, source, test)
        log = self.name("log")
        form = self.random.randrange(25)
        if form >= 22:
            self.awaited(x, a, b, log, indent)
        elif form >= 19:
            self.counted(x, a, b, log, indent)
        elif form >= 17:
            over = self.pick(["[%s, 7, %s %% 5, 3]" % (a, b), "range(%d)" % few, "(%s, %s)" % (b, a), "[]"])
            body = self.pick(["p * 2", "p + %s" % a, "p if p % 2 else -p", "tri(p % 4)", "named(p, k=p)", "9 // (p % 4)"])
            whole = self.pick(["sum(%s)", "len(list(%s))", "sorted(%s)[-1]", "max(%s)", "sum(tuple(%s))", "len(set(%s))"])
            self.put(indent, "try:")
            mapped = "map(lambda p: %s, %s)" % (body, over)
            self.put(indent + 1, "%s = (%s + %s) %% 1000003" % (x, x, whole % mapped))
            self.put(indent, "except (ZeroDivisionError, ValueError, IndexError) as error:")
            self.put(indent + 1, "%s += len(str(error))" % x)
        elif form >= 15:
            self.table(x, a, b, log, indent)
        elif form == 14:
            self.put(indent, "%s = [%s, %s, 7, %s %% 5]" % (log, a, b, a))
            more = self.pick(["", ", reverse=True", ", reverse=%s > 3" % b])
            key = self.pick(["-p", "p % 3", "(p % 2, p)", "p * 1.5", "str(p)", "p if p > %s else -p" % b])
            self.put(indent, "%s.sort(key=lambda p: %s%s)" % (log, key, more))
            self.put(indent, "%s = %s[0] %% 10007" % (x, log))
        elif form < 3:
            whole = self.pick(
                [
                    "sum(%s) %% 1000003",
                    "sum(%s) %% 1000003",
                    "sum((%s), 5) %% 10007",
                    "len(list(%s))",
                    "len(set(%s))",
                    "max((0,) + tuple(%s))",
                    "sorted([1] + list(%s))[0]",
                    "len(''.join(str(each) for each in [%s]))",
                ]
            )
            self.put(indent, "%s = %s" % (x, whole % expression))
        elif form == 3:
            self.put(indent, "%s += %s(%s > 3 for %s in %s)" % (x, self.pick(["any", "all"]), body, k, source))
        elif form == 4:
            self.put(indent, "for %s, %s_ in enumerate(%s for %s in %s):" % (k, k, body, k, source))
            self.put(indent + 1, "%s = (%s + %s * %s_) %% 100003" % (x, x, k, k))
        elif form == 5:
            self.put(indent, "for %s in %s:" % (k, source))
            self.put(indent + 1, "%s = (%s * 3 + %s) %% 65521" % (x, x, k))
            if self.chance(0.4):
                self.put(indent + 1, "if %s > %d:" % (k, few // 2))
                self.put(indent + 2, "break")
        elif form == 6:
            self.put(indent, "%s = [Vec(%s, 2) * 3 + Vec(%s, %s), Vec(1, %s)]" % (log, a, b, few, a))
            vector = "%s[%s %% 2]" % (log, b)
            value = self.pick(["%s.size", "%s[1]", "(1 if %s else 2)", "(%s == Vec(1, 2)) + 3", "(%s + Vec(0, 1)).y"])
            self.put(indent, "%s = %s %% 1000003" % (x, value % vector))
        elif form == 7:
            self.put(indent, "%s = (lambda p, q=%s: p * 2 - q + %s)(%s) %% 1000003" % (x, a, few, b))
        elif form == 8:
            call = self.pick(["tri(%s %% 12)", "int(even(%s %% 9)) + 4", "int(walk(%s %% 5, 3) * 2)"])
            self.put(indent, "%s = %s" % (x, call % a))
        elif form == 9:
            self.put(indent, "%s = []" % log)
            self.put(indent, "try:")
            self.put(indent + 1, "for %s in guarded(%s %% 9, %s):" % (k, a, log))
            self.put(indent + 2, "%s = (%s + %s) %% 10007" % (x, x, k))
            self.put(indent, "except ZeroDivisionError:")
            self.put(indent + 1, "%s.append(-1)" % log)
            self.put(indent, "%s += len(%s)" % (x, log))
        elif form == 10:
            self.put(indent, "%s = []" % log)
            self.put(indent, "with Scoped(%s) as %s:" % (log, k))
            self.put(indent + 1, "%s = (%s + %s + 1) %% 10007" % (x, x, k))
            if self.chance(0.4):
                self.put(indent + 1, "if %s %% 5 == 2:" % a)
                self.put(indent + 2, "raise Own(%s)" % a)
            self.put(indent, "%s += len(%s[0])" % (x, log))
        elif form == 11:
            self.put(indent, "def %s(p):" % log)
            self.put(indent + 1, "if p > 0:")
            self.put(indent + 2, "yield from %s(p - 1)" % log)
            self.put(indent + 1, "yield p * %s %% 1009" % a)
            whole = self.pick(["sum(%s)", "len(list(%s))", "sum(k * i for i, k in enumerate(%s))", "next(%s)"])
            self.put(indent, "%s = %s" % (x, whole % ("%s(%s %% 4)" % (log, b))))
        elif form == 12:
            self.put(indent, "class %s:" % log)
            self.put(indent + 1, "def __init__(self, n):")
            self.put(indent + 2, "self.n = n %% %d" % (few + 1))
            self.put(indent + 1, "def more(self):")
            self.put(indent + 2, "return self.n + 1")
            self.put(indent, "%s = %s(%s)" % (k, log, a))
            self.put(indent, "%s.n += %s.more()" % (k, k))
            self.put(indent, "%s = %s.n if %s else 1" % (x, k, k))
        else:
            self.put(indent, "%s = iter(%s)" % (log, source))
            self.put(indent, "%s = (next(%s, 3) * 5 + sum(%s)) %% 1000003" % (x, log, log))

    def counted(self, x, a, b, thing, indent):
        """Attributes of classes that change, complex numbers, methods that are found by names of classes, and cycles."""
        uses = [
            "Tally.made = (Tally.made + %(a)s) %% 1009",
            "%(x)s += Tally(%(a)s).made %% 7",
            "%(x)s += TallyMore(%(a)s).made %% 5 + Tally.made %% 3",
            "TallyMore.made = %(a)s %% 5",
            "%(x)s += Tally.take() %% 3 + TallyMore.take() %% 5",
            'Tally.label = %(a)s if %(b)s %% 3 else "x" if %(b)s %% 2 else None',
            "%(x)s += len(str(TallyMore.label))",
            'Tally.__name__ = "Tally" if %(a)s %% 5 else "Box"',
            "Tally.label = [%(a)s] if %(a)s %% 11 == 5 else 3",
            "%(t)s = complex(%(a)s %% 9, %(b)s %% 5) * (1 - 2j) - %(a)s %% 7\n%(x)s += int(%(t)s.real - 2 * %(t)s.imag)",
            "%(t)s = 0.5j\nfor _ in range(%(a)s %% 6):\n    %(t)s = %(t)s * %(t)s + complex(0.25, %(b)s %% 2 / 2)\n"
            "    %(x)s += abs(%(t)s) < 1\n%(x)s += (%(t)s == 0.5j) + len(repr(-%(t)s))",
            "%(x)s += Speaker().say(Box(%(a)s)) + Speaker().say(Tally(%(b)s)) + Speaker().say(%(a)s)",
            "for %(t)s in (Vec(%(a)s, 2), 0.5, TallyMore(%(b)s), Box(3)):\n    %(x)s += int(Speaker().say(%(t)s)) %% 1009",
            '%(x)s += type(%(a)s).__name__ + "s" == "ints"',
            "%(t)s = Ring(%(a)s, Ring(%(b)s))\n%(x)s += %(t)s.other.other.n + len(%(t)s.others)",
            "def %(t)s(p):\n    return p if p <= 0 else %(t)s(p - 2) + 1\n%(x)s += %(t)s(%(a)s %% 6)",
        ]
        for _ in range(self.random.randrange(1, 4)):
            for line in (self.pick(uses) % {"x": x, "a": a, "b": b, "t": thing}).split("\n"):
                self.put(indent, line)
        self.put(indent, "%s %%= 1000003" % x)

    def awaited(self, x, a, b, name, indent):
        """Coroutines and asynchronous generators, that wait or do not, raise, or are left."""
        bodies = [
            "for r in range(p):\n    q += await perhaps(r + %(a)s)",
            "for r in range(p):\n    q += await (summed(r) if r %% 2 else perhaps(r))\n    if q %% 13 == 7:\n        await pause(q)",
            "async for r in giving(p, %(b)s %% 3 + 2):\n    q = (q * 3 + r) %% 1009",
            "async for r in giving(p + 5):\n    if r > %(a)s %% 40:\n        break\n    q += r\nelse:\n    q += 5",
            "async for r in Steps(p):\n    async for s in giving(r %% 4):\n        q += r * s",
            "q = sum([r async for r in giving(p) if r %% 3]) + len({r: r async for r in Steps(p)})",
            "for r in range(p):\n    async with Steps(r) as s:\n        q += s\n        if r %% 3 == 1:\n            raise Own(r)",
            "for r in range(p + 4):\n    try:\n        q += await perhaps(r * 8)\n    except Own as own:\n        q += own.args[0]\n"
            "    finally:\n        q %%= 1009",
            "steps = giving(p + 2)\nq += await steps.asend(None)\nq += await anext(steps, 3)\nawait steps.aclose()\nq += await anext(steps, 4)",
            "for r in (perhaps(p), summed(p), Awaited(p), Awaited(%(b)s)):\n    q += await r",
        ]
        self.put(indent, "async def %s(p):" % name)
        self.put(indent + 1, "q = 0")
        for _ in range(self.random.randrange(1, 3)):
            for line in (self.pick(bodies) % {"a": a, "b": b}).split("\n"):
                self.put(indent + 1, line)
        self.put(indent + 1, "return q")
        for argument in self.random.sample(["%s %% 12" % a, "%s %% 7" % b, "11", "3"], self.random.randrange(1, 4)):
            self.put(indent, "%s += driven(%s(%s))" % (x, name, argument))
        self.put(indent, "%s %%= 1000003" % x)

    def table(self, x, a, b, table, indent):
        """A dict that is written with texts as keys, and what is done with it; calls that take and give keywords."""
        keys = self.random.sample(["a", "b", "c", "k"], self.random.randrange(4))
        entries = ["%r: %s" % (key, self.pick([a, b, "7", x])) for key in keys]
        self.put(indent, "%s = {%s}" % (table, ", ".join(entries)))
        for _ in range(self.random.randrange(1, 5)):
            key = self.pick(["a", "b", "c", "k", "z"])
            uses = [
                '%(t)s["%(k)s"] = %(a)s',
                '%(x)s += %(t)s.get("%(k)s", %(b)s)',
                '%(x)s = (%(x)s + len({**%(t)s, "b": 1})) %% 1000003',
                '%(x)s += %(t)s.pop("%(k)s", 3)',
                '%(x)s += 2 if "%(k)s" in %(t)s else 1',
                '%(x)s = passed(%(x)s, %(a)s, **%(t)s)',
                '%(x)s = passed(%(x)s, **%(t)s, zz=%(b)s)',
                '%(x)s = (%(x)s + named(%(a)s, %(k)s=%(b)s)) %% 1000003',
                '%(x)s = (%(x)s + sum(%(t)s.values())) %% 1000003',
                '%(x)s += len("".join(%(t)s)) + bool(%(t)s)',
                '%(x)s += %(t)s == {"a": %(a)s}',
                '%(t)s = {**%(t)s, "%(k)s": %(x)s}',
                '%(t)s.setdefault("%(k)s", %(b)s)',
            ]
            self.put(indent, self.pick(uses) % {"t": table, "k": key, "x": x, "a": a, "b": b})
        if self.chance(0.3):
            self.put(indent, "try:")
            self.put(indent + 1, '%s += %s["%s"]' % (x, table, self.pick(["a", "q"])))
            self.put(indent, "except KeyError as error:")
            self.put(indent + 1, "%s += len(str(error))" % x)

    def arm(self, scope, indent, in_loop):
        self.block(scope, indent, self.random.randrange(1, 3), in_loop)
        if in_loop and self.chance(0.2):
            self.put(indent, self.weighted((3, "continue"), (1, "break")))

    def attempt(self, scope, indent, in_loop):
        self.put(indent, "try:")
        self.block(scope, indent + 1, 1, in_loop)
        if self.chance(0.6):
            bad = [
                "%s // (%s %% 3)" % (self.int_leaf(scope), self.int_leaf(scope)),
                "(1, 2, 3)[%s %% 5]" % self.int_leaf(scope),
                "{}[%s]" % self.int_leaf(scope),
                "int('x' * (%s %% 2) + '1')" % self.int_leaf(scope),
            ]
            self.put(indent + 1, "%s += %s" % (self.pick(scope.ints), self.pick(bad)))
        else:
            self.put(indent + 1, "if %s:" % self.bool(scope))
            self.put(indent + 2, "raise %s(%s)" % (self.pick(["Own", "ValueError", "KeyError"]), self.int_leaf(scope)))
        self.put(indent, "except (ArithmeticError, LookupError, ValueError, Own)%s:" % self.pick(["", " as error"]))
        if " as " in self.lines[-1] and self.chance(0.4):
            self.put(indent + 1, "%s = len(type(error).__name__) + error.__traceback__.tb_lineno" % self.pick(scope.ints))
        self.block(scope, indent + 1, 1, in_loop)
        if self.chance(0.2):
            self.put(indent, "else:")
            self.block(scope, indent + 1, 1, False)
        if self.chance(0.25):
            self.put(indent, "finally:")
            self.assign(scope, indent + 1)

    def container(self, scope, indent):
        lists = [(name, "i") for name in scope.int_lists] + [(name, "f") for name in scope.float_lists]
        if scope.tuples and self.chance(0.4) or not lists:
            if scope.tuples:
                self.put(indent, "%s = (%s %% 1009, %s)" % (self.pick(scope.tuples), self.int(scope), self.int_leaf(scope)))
                return
            self.assign(scope, indent)
            return
        name, kind = self.pick(lists)
        value = "%s %% 100003" % self.int(scope) if kind == "i" else self.float(scope)
        form = self.random.random()
        if form < 0.55:
            self.put(indent, "%s = %s" % (self.element(scope, name), value))
        elif form < 0.7:
            self.put(indent, "%s += %s" % (self.element(scope, name), "1" if kind == "i" else "0.5"))
        elif form < 0.85:
            self.put(indent, "if len(%s) < 40:" % name)
            self.put(indent + 1, "%s.append(%s)" % (name, value))
        else:
            self.put(indent, "if len(%s) > 3:" % name)
            self.put(indent + 1, self.pick(["%s.pop()", "%s.pop(0)", "del %s[-1]"]) % name)

    def mix(self, scope, indent):
        """Assigns to a variable of changing type, or uses one according to its type."""
        name = self.pick(scope.mixed)
        if self.chance(0.5):
            value = self.pick(["None", "True", "'text'", self.int_leaf(scope), self.float(scope, 0), "(1, 2)"])
            self.put(indent, "if %s:" % self.bool(scope))
            self.put(indent + 1, "%s = %s" % (name, value))
            return
        self.put(indent, "if isinstance(%s, (int, float)):" % name)
        self.put(indent + 1, "%s = %s + %s" % (name, name, self.pick(["1", "0.5", "-3", self.int_leaf(scope)])))
        self.put(indent, "elif %s is None:" % name)
        self.put(indent + 1, "%s = %s" % (name, self.pick(["0", "1.5", "False"])))
        self.put(indent, "else:")
        self.put(indent + 1, "%s += len(%s)" % (self.pick(scope.ints), name))
        self.put(indent + 1, "%s = None" % name)

    def text(self, scope, indent):
        name = self.pick(scope.texts)
        self.put(indent, "%s += chr(97 + %s %% 26)" % (name, self.int_leaf(scope)))
        self.put(indent, "if len(%s) > 12:" % name)
        self.put(indent + 1, "%s = %s[%s]" % (name, name, self.pick(["-3:", "5:", "::2"])))

    def box(self, scope, indent):
        name = self.pick(scope.boxes)
        text = name + self.pick([".step()", ".step(%s %% 7)" % self.int_leaf(scope), ".n"])
        if self.chance(0.3):
            self.put(indent, "%s.n = %s %% 997" % (name, self.int(scope)))
        else:
            self.put(indent, "%s = %s" % (self.pick(scope.ints), text))

    def swap(self, scope, indent):
        a, b = self.pick(scope.ints), self.pick(scope.ints)
        if scope.int_lists and self.chance(0.4):
            name = self.pick(scope.int_lists)
            a, b = self.element(scope, name), self.element(scope, name)
        self.put(indent, "%s, %s = %s, %s" % (a, b, b, a))

    def speak(self, scope, indent):
        self.prints += 1
        every = max(3, scope.runs // 5)
        condition = "if %s %% %d == 0:" % (self.pick(scope.read_only), every) if scope.read_only else "if True:"
        self.put(indent, condition)
        self.put(indent + 1, "print(repr(%s), repr(%s))" % (self.int(scope, 1), self.float(scope, 1)))

    def forget(self, scope, indent):
        """A variable is deleted and, at once, made again; in between it must be gone."""
        name = self.pick(scope.ints)
        self.put(indent, "del %s" % name)
        self.put(indent, "try:")
        self.put(indent + 1, "print('still there', %s)" % name)
        self.put(indent, "except NameError:")
        self.put(indent + 1, "%s = %s" % (name, self.pick(["1", "2", "40"])))


def program(seed):
    """The source of the program with this seed."""
    return Generator(seed).program()


def batch(programs):
    """One file that runs several programs, each in a module namespace of its own: [(seed, source)]."""
    parts = ["PROGRAMS = ["]
    for seed, source in programs:
        parts.append("    (%d, '''%s''')," % (seed, source.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")))
    return "\n".join(parts) + "\n]\n" + BATCH


if __name__ == "__main__":
    first = int(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    print(batch([(seed, program(seed)) for seed in range(first, first + count)]), end="")
