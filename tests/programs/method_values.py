"""Methods as values: of builtin objects and of instances, called, kept, passed on and compared."""

# expect-stdout:
#   999 1000 [0, 2, 4]
#   builtin_function_or_method method True True
#   3000 [2, 4, 6] 1000
#   1000 500500 ['a!', 'b!']
#   TypeError 400


class Adder:
    def __init__(self, by):
        self.by = by
        self.calls = 0

    def add(self, n):
        self.calls += 1
        return n + self.by


def builtins(n):
    table = {}
    out = []
    get, append = table.get, out.append
    for i in range(n):
        local = table.get
        table[i] = local(i - 1, -1) + 1
        if get(i) % 2 == 0:
            append(i)
    return table[n - 1], len(table), out[:3]


print(*builtins(1000))


def kept(n):
    adder = Adder(1)
    text = []
    last = None
    same = differs = True
    for i in range(n):
        method = adder.add
        upper = "abc".upper
        if i % 300 == 299:
            last = method
            same = same and last == adder.add and last.__self__ is adder
            text.append(upper)
            differs = differs and text[0]() == "ABC"
    return type(text[0]).__name__, type(last).__name__, same, differs


print(*kept(1500))


def passed(n):
    adder = Adder(2)

    def call(function, value):
        return function(value)

    total = 0
    for i in range(n):
        total += call(adder.add, 1)
    return total, list(map(adder.add, [0, 2, 4])), adder.calls - 3


print(*passed(1000))


def chained(n):
    seen = set()
    add = seen.add
    words = []
    for i in range(n):
        add(i)
        words.append("a" if i % 2 else "b")
        if i < 2:
            words[-1] = words[-1].__add__("!")
    total = 0
    for value in sorted(seen):
        total += value + 1
    return len(seen), total, sorted(words[:2])


print(*chained(1000))


def wrong(n):
    out = []
    try:
        for i in range(n):
            method = out.append
            if i == 400:
                method(1, 2)
            method(i)
    except TypeError as error:
        return type(error).__name__, len(out)


print(*wrong(800))
