"""Keywords, defaults, star arguments, keyword-only and positional-only parameters, from hot loops."""

# expect-stdout:
#   2025319000
#   2031968.5
#   {0: 200, 1: 200, 2: 200, 3: 200, 4: 200, 5: 200, 6: 200}
#   1125750 1500
#   2064961
#   ((1, 2, 1499), (1, 2, 1499), 1500, {'k': 0}, {'k': 1499})


def many(a, b=2, *rest, c=3, d, **others):
    return a + 10 * b + 100 * c + 1000 * d + len(rest) * 7 + sum(others.values())


def only(a, /, b, *, c=5):
    return a * b - c


def nine(a=None, b=None, c=None):
    if a is None:
        a = 1
    if b is None:
        b = 0.5
    if c is None:
        c = 3
    return a + b * c


def run(count):
    total = 0
    for i in range(count):
        total += many(i, d=1)
        total += many(i, 3, d=i)
        total += many(i, 3, 4, 5, d=0, c=i % 4)
        total += many(i, d=2, x=5, y=i)
        total += only(i, 2) + only(i, b=3, c=1) + only(1, 1, c=i)
    return total


print(run(2000))


def starred(count):
    total = 0
    rows = [(), (1,), (1, 2.0), (None, 2, 3), [None, None, 4]]
    for i in range(count):
        total += nine(*rows[i % 5])
        total += nine(1, *rows[i % 3])
        total += nine(**{"abc"[i % 3]: i % 10})
        total += nine(*(i,), **{"c": 2})
    return total


print(starred(2000))


def failures(count):
    messages = {}
    calls = (
        lambda: many(1),
        lambda: only(1, 2, 3),
        lambda: only(a=1, b=2),
        lambda: nine(1, a=2),
        lambda: nine(z=1),
        lambda: nine(1, 2, 3, 4),
        lambda: nine(**{"a": 1}, **{"a": 2}),
    )
    for i in range(count):
        try:
            calls[i % 7]()
        except TypeError:
            messages[i % 7] = messages.get(i % 7, 0) + 1
    return messages


print(failures(1400))


def shared_default(x, seen=[]):
    seen.append(x)
    return len(seen)


def defaults(count):
    total = 0
    for i in range(count):
        total += shared_default(i)
    return total


print(defaults(1500), len(shared_default.__defaults__[0]))


def changed_defaults(count):
    def f(a, b=1, *, c=10):
        return a + b + c

    total = 0
    for i in range(count):
        total += f(i)
        if i == 1000:
            f.__defaults__ = (50,)
        if i == 1500:
            f.__kwdefaults__ = {"c": 0}
    return total


print(changed_defaults(2000))


def collect(*args, **kwargs):
    return args, kwargs


def identity(count):
    shared = (1, 2)
    kept = []
    for i in range(count):
        args, kwargs = collect(*shared, i, k=i)
        args2, _ = collect(*args, **kwargs)
        kept.append(kwargs)
    return args, args2, len(set(map(id, kept))), kept[0], kept[-1]


print(identity(1500))
