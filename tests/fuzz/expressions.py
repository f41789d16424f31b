"""Random expressions, typed: ints, floats and bools that the variables of a scope and the given functions supply.

An expression hardly ever fails: divisors are mostly made non-zero, indices mostly taken modulo the length, conversions mostly
guarded. "Mostly" is the point: now and then one does fail, and the program around it has to deal with that.
"""

INTS = ["0", "1", "-1", "2", "3", "5", "7", "10", "-4", "100", "255", "1000", "-128", "65536", "2147483647"]
EDGES = ["9223372036854775807", "-9223372036854775808", "4611686018427387904", "9007199254740993", "(1 << 64)", "True"]
FLOATS = ["0.0", "0.5", "1.0", "1.5", "-2.25", "3.0", "0.1", "1e-3", "100.25", "-7.0"]
FLOAT_EDGES = ["-0.0", "1e300", "1e-320", "9007199254740992.0", "1e18", "float('inf')", "float('nan')"]
GROWING = ("*", "<<", "f_", "sum(")


class Function:
    """A function that programs may call: name, the kinds of its parameters ("i" or "f"), what it gives back, its cost."""

    def __init__(self, name, parameters, defaults, star, result, cost):
        self.name = name
        self.parameters = parameters
        self.defaults = defaults
        self.star = star
        self.result = result
        self.cost = cost


class Scope:
    """The variables that a piece of code may use, by kind, and how often it runs at most."""

    def __init__(self, functions=()):
        self.ints = []
        self.floats = []
        self.texts = []
        self.int_lists = []
        self.float_lists = []
        self.tuples = []
        self.mixed = []
        self.boxes = []
        self.read_only = []
        self.functions = list(functions)
        self.runs = 1


class Expressions:
    """Makes expressions for a scope out of a random.Random."""

    def __init__(self, random, work_limit):
        self.random = random
        self.work_limit = work_limit

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def weighted(self, *pairs):
        """One of the choices in (weight, choice) pairs; a weight of nought excludes."""
        at = self.random.random() * sum(weight for weight, _ in pairs)
        for weight, choice in pairs:
            at -= weight
            if at < 0:
                return choice
        return pairs[0][1]

    def int_leaf(self, scope):
        names = scope.ints + scope.read_only
        return self.weighted(
            (6 if names else 0, lambda: self.pick(names)),
            (3, lambda: self.pick(INTS)),
            (0.25, lambda: self.pick(EDGES)),
            (1.5 if scope.int_lists else 0, lambda: self.element(scope, self.pick(scope.int_lists))),
            (0.5 if scope.tuples else 0, lambda: "%s[%d]" % (self.pick(scope.tuples), self.random.randrange(-2, 2))),
            (0.4 if scope.int_lists else 0, lambda: "len(%s)" % self.pick(scope.int_lists)),
            (0.4 if scope.boxes else 0, lambda: "%s.n" % self.pick(scope.boxes)),
            (0.4 if scope.texts else 0, lambda: "len(%s)" % self.pick(scope.texts)),
        )()

    def element(self, scope, name):
        """An element of a list; the index is nearly always good."""
        names = scope.ints + scope.read_only
        if self.chance(0.03):
            return "%s[%s]" % (name, self.pick(names) if names else "40")
        if names and self.chance(0.7):
            sign = "-" if self.chance(0.15) else ""
            shift = " - len(%s)" % name if self.chance(0.15) else ""
            return "%s[%s%s %% len(%s)%s]" % (name, sign, self.pick(names), name, shift)
        return "%s[%d]" % (name, self.random.randrange(-3, 3))

    def int(self, scope, depth=2):
        if depth <= 0 or self.chance(0.2):
            return self.int_leaf(scope)
        sub = lambda: self.int(scope, depth - 1)
        return self.weighted(
            (5, lambda: "(%s + %s)" % (sub(), sub())),
            (4, lambda: "(%s - %s)" % (sub(), sub())),
            (2.5, lambda: "(%s * %s)" % (sub(), sub())),
            (1.5, lambda: "(%s // %s)" % (sub(), self.divisor(scope, depth))),
            (2.5, lambda: "(%s %% %s)" % (sub(), self.divisor(scope, depth))),
            (1, lambda: "(%s %s %s)" % (sub(), self.pick("&|^"), sub())),
            (0.4, lambda: "(%s << (%s & %s))" % (sub(), sub(), self.weighted((4, "7"), (1, "63")))),
            (0.7, lambda: "(%s >> (%s & 63))" % (sub(), sub())),
            (0.3, lambda: "(%s ** %s)" % (sub(), self.pick(["2", "3", "(%s & 3)" % sub()]))),
            (0.5, lambda: "(%s%s)" % (self.pick("-~"), sub())),
            (0.8, lambda: "(%s if %s else %s)" % (sub(), self.bool(scope, depth - 1), sub())),
            (0.8, lambda: self.int_builtin(scope, depth)),
            (0.3, lambda: "(%s %s %s)" % (sub(), self.pick(["and", "or"]), sub())),
            (1.5, lambda: self.call(scope, "i", depth) or sub()),
        )()

    def divisor(self, scope, depth):
        return self.weighted(
            (5, lambda: self.pick(["2", "3", "5", "7", "-3", "10", "1000003"])),
            (2, lambda: "(%s | 1)" % self.int(scope, depth - 1)),
            (1, lambda: "(%s or 7)" % self.int(scope, depth - 1)),
            (0.15, lambda: self.int(scope, depth - 1)),
        )()

    def int_builtin(self, scope, depth):
        a, b = self.int(scope, depth - 1), self.int(scope, depth - 1)
        f = self.float(scope, depth - 1)
        choices = [
            "abs(%s)" % a,
            "min(%s, %s)" % (a, b),
            "max(%s, %s)" % (a, b),
            "int(%s)" % self.bool(scope, depth - 1),
            "divmod(%s, %s)[%d]" % (a, self.divisor(scope, depth), self.random.randrange(2)),
            "len(str(%s))" % a,
            "gcd(%s, %s)" % (a, b),
            "ord(chr(97 + %s %% 26))" % a,
            "(int(%s) if -1e15 < %s < 1e15 else 3)" % (f, f),
            "(round(%s) if -1e15 < %s < 1e15 else 4)" % (f, f),
            "int(str(%s))" % a,
            "int(hex(%s & 4095)[2:], 16)" % a,
            "PAIRS.get((%s %% 9, %s %% 7), 3)" % (a, b),
            "PAIRS[%s %% 3, %s %% 4]" % (a, b),
            "STATES.get(((%s %% 5, (%s %% 3, 's')), 1), 7)" % (a, b),
            "ways(%s %% 30)" % a,
            "ways(%s %% 9, %s %% 3)" % (a, b),
            "latest(%s %% 9)" % a,
            "(%s.cache_info()[0] %% 13)" % self.pick(["ways", "latest"]),
            "sorted((%s, %s, 3), key=lambda p: -p %% 7)[1]" % (a, b),
            "sorted([%s, %s, %s], reverse=True)[1] // 3" % (a, b, self.int_leaf(scope)),
            "%s(%s, key=lambda p: p %% 5)" % (self.pick(["min", "max"]), self.pick(["(%s, %s, 4)", "[4, %s, %s]"]) % (a, b)),
            "min([(%s %% 5, 1), (%s %% 5, 0)])[1]" % (a, b),
            self.keyed("(%s, %s, 4)" % (a, b), a, b),
            self.keyed("[%s, 9, %s, 2]" % (a, b), a, b),
        ]
        choices.append(self.gathered("(%s, %s, 4)" % (a, b), self.pick(["(%s, 2)" % b, "range(%s %% 5)" % b, "'xyé'"])))
        choices.append("dict(a=%s, b=%s)['%s']" % (a, b, self.pick("ab")))
        choices.append("LEVELS[%s %% 3]._value_ * (LEVELS[%s %% 3] < (LEVELS[%s %% 3], %s %% 4)[0])" % (a, b, a, b))
        choices.append("isinstance(%s, %s)" % (self.pick([a, "str(%s)" % b, "SET"]), self.pick(["Number", "Sized"])))
        if scope.int_lists:
            name = self.pick(scope.int_lists)
            choices.append("sum(%s)" % name)
            choices.append(self.keyed("([5] + %s)" % name, a, b))
            choices.append(self.gathered(name, self.pick(["range(4)", "(%s, 1, 2)" % a, "'abc'", name])))
        return self.pick(choices)

    def keyed(self, numbers, a, b):
        """An int that a builtin finds by keys for which it asks a function."""
        key = self.pick(
            [
                "-p",
                "p %% 3",
                "(p %% 3, -p)",
                "p * %s" % b,
                "p if p %% 2 else p / 2",
                "str(p)",
                "abs(p - %s)" % a,
                "Vec(p, 1).x %% 5",
                "len(str(p))",
                "(p < 3) if p < 9 else p",
                "[p, 1][p %% 2]",
                "ways(p %% 9)",
                "max((p, 3), key=lambda q: -q)",
            ]
        ).replace("%%", "%")
        numbers = self.pick([numbers, numbers, "range(1 + %s %% 4)" % a, "{%s, 3, 4}" % b, "dict.fromkeys(%s)" % numbers])
        return self.pick(
            [
                "max(%s, key=lambda p: %s)" % (numbers, key),
                "min(%s, key=lambda p: %s)" % (numbers, key),
                "sorted(%s, key=lambda p: %s)[0]" % (numbers, key),
                "sorted(%s, reverse=True, key=lambda p: %s)[-1]" % (numbers, key),
                "sorted(%s, key=lambda p, by=%s: p %% (2 + by %% 3))[0]" % (numbers, b),
            ]
        )

    def bagged(self, numbers):
        """An int of what a builtin makes of an object that is iterable by a method in Python."""
        bag = "%s(%s)" % (self.pick(["Bag", "Shelf", "Pile", "Bag"]), numbers)
        return self.pick(
            [
                "sum(%s)" % bag,
                "len(list(%s))" % bag,
                "len(tuple(%s))" % bag,
                "len(set(%s))" % bag,
                "(sorted(%s) + [2])[0]" % bag,
                "max(list(%s) or [1])" % bag,
                "int(any(%s))" % bag,
                "(Shelf.sizes %% 11 + len(list(%s)))" % bag,
            ]
        )

    def gathered(self, numbers, more):
        """An int of what a builtin gathers from an iterator or container that nobody else has."""
        return self.pick(
            [
                "len(list(zip(%s, %s)))" % (numbers, more),
                self.bagged(numbers),
                self.bagged(numbers),
                "len(dict(zip(%s, %s)))" % (more, numbers),
                "sum(dict(zip(%s, %s)).values())" % (more, numbers),
                "sum(dict(enumerate(%s)).values())" % numbers,
                "len(tuple(enumerate(%s, 3)))" % more,
                "sum(list(reversed(%s)))" % numbers,
                "len(' '.join(map(str, %s)))" % numbers,
                "len(set(map(str, %s)))" % more,
                "sum(map(abs, %s))" % numbers,
                "max(map(int, map(str, %s)), default=2)" % numbers,
                "sum(map(int, [str(each) for each in %s]))" % numbers,
                "len(sorted(map(str, %s))[-1:])" % more,
                "len(Counter(each %% 3 for each in %s))" % numbers,
                "sum(Counter(each for each in %s).values())" % more,
                "len(max(dict(zip(map(str, %s), %s)), default=''))" % (more, numbers),
                "len(dict([each, 1] for each in %s))" % more,
                "(heappushpop([(1, 'a', gcd), (%s, 'b', gcd)], (2, 'c', sqrt))[0] %% 9)" % self.pick(["3", "1", "2"]),
            ]
        )

    def float(self, scope, depth=2):
        sub = lambda: self.float(scope, depth - 1)
        if depth <= 0 or self.chance(0.2):
            return self.weighted(
                (6 if scope.floats else 0, lambda: self.pick(scope.floats)),
                (3, lambda: self.pick(FLOATS)),
                (0.25, lambda: self.pick(FLOAT_EDGES)),
                (2 if scope.float_lists else 0, lambda: self.element(scope, self.pick(scope.float_lists))),
            )()
        return self.weighted(
            (5, lambda: "(%s + %s)" % (sub(), sub())),
            (4, lambda: "(%s - %s)" % (sub(), sub())),
            (4, lambda: "(%s * %s)" % (sub(), sub())),
            (1.5, lambda: "(%s / %s)" % (sub(), self.pick(["2.0", "3", "-0.7", "(abs(%s) + 1.0)" % sub()]))),
            (1.5, lambda: "(%s / %s)" % (self.int(scope, depth - 1), self.divisor(scope, depth))),
            (1, lambda: "(%s + %s)" % (self.int(scope, depth - 1), sub())),
            (0.3, lambda: "(%s %s %s)" % (sub(), self.pick(["%", "//"]), self.pick(["2.5", "-1.5", "3", "0.1"]))),
            (0.1, lambda: "(%s / %s)" % (sub(), sub())),
            (0.5, lambda: "(-%s)" % sub()),
            (0.5, lambda: "abs(%s)" % sub()),
            (0.4, lambda: "float(%s %% 1000003)" % self.int(scope, depth - 1)),
            (0.4, lambda: "sqrt(abs(%s))" % sub()),
            (0.3, lambda: "float(str(%s))" % sub()),
            (0.2, lambda: "float(sorted([%s, 1, %s, True])[1])" % (sub(), sub())),
            (0.2, lambda: "(sum([%s, True, 2]) + max((%s, 3)))" % (sub(), sub())),
            (0.3, lambda: "min(%s, %s)" % (sub(), sub())),
            (0.8, lambda: "(%s if %s else %s)" % (sub(), self.bool(scope, depth - 1), sub())),
            (1.5, lambda: self.call(scope, "f", depth) or sub()),
        )()

    def bool(self, scope, depth=1):
        compare = self.pick(["<", "<=", ">", ">=", "==", "!="])
        if depth <= 0:
            return "%s %s %s" % (self.int_leaf(scope), compare, self.int_leaf(scope))
        a, b = self.int(scope, depth - 1), self.int(scope, depth - 1)
        return self.weighted(
            (5, lambda: "%s %s %s" % (a, compare, b)),
            (3, lambda: "%s %% %d == %d" % (a, self.random.randrange(2, 9), self.random.randrange(3))),
            (2, lambda: "%s %s %s" % (self.float(scope, depth - 1), compare, self.float(scope, depth - 1))),
            (0.7, lambda: "%s %s %s" % (a, compare, self.float(scope, depth - 1))),
            (1, lambda: "(%s %s %s)" % (self.bool(scope, depth - 1), self.pick(["and", "or"]), self.bool(scope, depth - 1))),
            (0.5, lambda: "not (%s)" % self.bool(scope, depth - 1)),
            (0.5, lambda: "%s < %s <= %s" % (a, b, self.int(scope, depth - 1))),
            (0.3, lambda: "%s in (%s, 3, 0.5)" % (a, b)),
            (0.5, lambda: "(%s, %s) %s (%s, %s)" % (a, self.float(scope, 0), compare, b, self.float(scope, 0))),
            (0.3, lambda: "(%s %% 2, 'a', (%s,)) %s (%s %% 2, 'b'[:%s %% 2], (1, 2))" % (a, b, compare, b, a)),
            (0.2, lambda: "(%s, %s) == (1, %s)" % (a, self.pick(["None", "'a'", "2", "0.5"]), b)),
            (0.5, lambda: "(%s %% 9, %s %% 5) %sin %s" % (a, b, self.pick(["", "not "]), self.pick(["SEEN", "PAIRS"]))),
            (0.5 if scope.mixed else 0, lambda: "%s is %sNone" % (self.pick(scope.mixed or ["0"]), self.pick(["", "not "]))),
            (0.4 if scope.mixed else 0, lambda: "isinstance(%s, %s)" % (self.pick(scope.mixed or ["0"]), self.pick(["int", "float", "(bool, str)"]))),
            (0.3, lambda: "bool(%s & 1)" % a),
        )()

    def call(self, scope, kind, depth):
        """A call of one of the program's functions, or None when there is none that fits or is cheap enough."""
        able = [f for f in scope.functions if f.result == kind and f.cost * scope.runs <= self.work_limit]
        if not able:
            return None
        function = self.pick(able)
        count = len(function.parameters)
        given = self.random.randrange(count - len(function.defaults), count + 1)
        arguments = [getattr(self, "int" if each == "i" else "float")(scope, depth - 1) for each in function.parameters[:given]]
        if self.chance(0.25):
            # The last ones by keyword, in any order.
            first = self.random.randrange(given + 1)
            named = ["p%d=%s" % (number, arguments[number]) for number in range(first, given)]
            self.random.shuffle(named)
            return "%s(%s)" % (function.name, ", ".join(arguments[:first] + named))
        if self.chance(0.2):
            first = self.random.randrange(given + 1)
            rest = "*(%s)" % "".join(argument + ", " for argument in arguments[first:])
            return "%s(%s)" % (function.name, ", ".join(arguments[:first] + [rest]))
        if function.star and given == count and self.chance(0.4):
            arguments.append(self.int_leaf(scope))
        return "%s(%s)" % (function.name, ", ".join(arguments))
