"""Names that hold an int, a str, None, a list, a function in turn, within one hot loop."""

# expect-stdout:
#   [('len 2', 500), ('none', 1000), ('number', 500)]
#   [('len 1', 1000), ('none', 5), ('number', 1000), ('text a', 5)]
#   3 ab [1, 2] (1, 2) 3.5
#   TypeError
#   (2998, 'text')
#   (750, None)


def describe(values):
    counts = {}
    for value in values:
        if value is None:
            key = "none"
        elif isinstance(value, bool):
            key = "bool"
        elif isinstance(value, (int, float)):
            key = "number"
        elif isinstance(value, str):
            key = "text " + value[:1]
        elif callable(value):
            key = "call %s" % value(3)
        else:
            key = "len %d" % len(value)
        counts[key] = counts.get(key, 0) + 1
    return sorted(counts.items())


things = [1, None, "abc", 2.5, [1, 2], (), True, len.__class__, lambda n: n + 1, "xyz", {}]
print(describe([things[(i * i) % 8] for i in range(2000)]))
print(describe([1] * 1000 + [None] * 5 + ["a"] * 5 + [(1,)] * 1000))


def plus(a, b, count):
    out = a
    for _ in range(count):
        out = a + b
    return out


print(plus(1, 2, 1000), plus("a", "b", 1000), plus([1], [2], 1000), plus((1,), (2,), 1000), plus(1.5, 2, 1000))
try:
    plus(1, "b", 1000)
except TypeError as error:
    print(type(error).__name__)


def late(count):
    x = 0
    for i in range(count):
        if i > count - 3:
            x = "text"
        try:
            x = x + 1
        except TypeError:
            return i, x
    return x


print(late(3000))


def optional(count):
    last = None
    found = 0
    for i in range(count):
        if last is not None and last > 50:
            found += 1
            last = None
        elif last is None:
            last = i % 60
        else:
            last += 10
    return found, last


print(optional(3000))
