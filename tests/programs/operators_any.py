"""Operators on operands of every kind, in a hot loop and in functions that it calls; `with` statements."""

# expect-stdout:
#   (271, '-266.2522946')
#   ('2020-01-27 15:10:00', 26)
#   (9068790, [(0, 120), (1, 120), (2, 120), (3, 120), (4, 120)], [0, 1, 2, 3, 4, 6, 7, 8], [1, 0, 10, 9])
#   (-4631350, 46050, 15, ['<|10434> <>140|10434>', '<|13524> <>160|13524>'])
#   (70, [('TypeErrorunsupported ', 60), ('ValueErrorUnknown form', 60), ('cannot unpack non-iterable int object', 60), ('too many values to unpack (expected 2, got 3)', 60)])
#   (60290, 800, [(197, None), 198, (198, None), 198, (198, None), 199, (199, None), 199, (199, None)], False)

import array
import collections
import contextlib
import datetime
import decimal
import fractions
import threading


def fracs(n):
    total = fractions.Fraction(0)
    d = decimal.Decimal(1)
    for k in range(n):
        total += fractions.Fraction(k, 7)
        total = -total if k % 3 else +total
        d = d * decimal.Decimal("1.01") - decimal.Decimal(k) / 3
        if d < -1000 or total > 500:
            d, total = decimal.Decimal(1), total / 2
    return total.numerator % 1009, str(d)[:12]


print(fracs(200))


def times(n):
    t = datetime.timedelta(0)
    day = datetime.datetime(2020, 1, 1)
    for k in range(n):
        t += datetime.timedelta(minutes=k)
        if day + t > datetime.datetime(2020, 2, 1):
            t -= datetime.timedelta(days=20)
    return str(day + t), t.days


print(times(500))


def containers(n):
    out = 0
    d = collections.defaultdict(list)
    c = collections.Counter()
    q = collections.deque(maxlen=20)
    a = array.array("i", range(50))
    b = bytearray(64)
    m = memoryview(b)
    o = collections.OrderedDict()
    for k in range(n):
        d[k % 7].append(k)
        c[k % 5] += 2
        q.append(k)
        q[0] = q[-1] + 1
        a[k % 50] = k
        b[k % 64] = k % 256
        out += m[k % 64] + a[(k + 1) % 50] + (k in q) + len(d[k % 9])
        o[k % 11] = k
        if k % 10 == 9:
            del o[k % 11], d[k % 7]
        out += q == collections.deque([1]) or frozenset((k % 3,)) <= {1, 2}
        x, y = {k: 1, k + 1: 2}
        u, v, w = "abc"
        out += x * y + len(u + v)
        i, j = range(2)
        out += i + j + (not q) + bool(o)
    return out, sorted(c.items()), sorted(d), list(o)[:4]


print(containers(300))


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __format__(self, spec):
        return "<%s|%d>" % (spec, self.cents)

    def __neg__(self):
        return Money(-self.cents)

    def __invert__(self):
        return self.cents

    def __bool__(self):
        return self.cents % 2 == 0

    def __len__(self):
        return 7

    def __contains__(self, x):
        return x == self.cents

    def __delitem__(self, key):
        self.cents -= key

    def __iadd__(self, other):
        self.cents += other
        return self

    def __radd__(self, other):
        return Money(other + self.cents)

    def __getitem__(self, key):
        return (key.start, key.stop) if isinstance(key, slice) else key

    def __setitem__(self, key, value):
        self.cents += value


def money(n):
    m = Money(0)
    texts = set()
    total = 0
    for k in range(n):
        m += k
        m[1] = 2
        m[1:2] = 3
        del m[4]
        total += ~-m + len(m)
        total += 5 if m else 3
        total += 1 if not m else 0
        total += k in m
        m = 3 + m
        if k % 20 == 0:
            texts.add(f"{m} {m:>{k}}")
        total += m[k : k + 1][0] + m["x" : None][1:][0] if k % 50 == 1 and False else m[k:9][0]
    return total, m.cents, len(texts), sorted(texts)[:2]


print(money(300))


def failing(n):
    out = collections.Counter()
    for k in range(n):
        for f in (
            lambda: k + "a",
            lambda: -"a",
            lambda: ~1.5,
            lambda: k in 5,
            lambda: k < "a",
            lambda: [][:"a"],
            lambda: {}[k],
            lambda: (1, 2) + [k],
            lambda: f"{k:zz}",
            lambda: len(k),
        ):
            try:
                f()
            except (TypeError, ValueError, KeyError) as error:
                out[type(error).__name__ + str(error)[:12]] += 1
        try:
            a, b = {1: 2, k + 2: 4, -5: 6}
        except ValueError as error:
            out[str(error)] += 1
        try:
            a, b = k
        except TypeError as error:
            out[str(error)] += 1
    return len(out), sorted(out.items())[-4:]


print(failing(60))


class Scope:
    log = []

    def __init__(self, name, eats=False):
        self.name, self.eats = name, eats

    def __enter__(self):
        Scope.log.append(self.name)
        return self

    def __exit__(self, kind, value, traceback):
        Scope.log.append((self.name, kind and kind.__name__))
        return self.eats


@contextlib.contextmanager
def managed(k):
    yield k * 2


def scopes(n):
    total = 0
    lock = threading.Lock()
    for k in range(n):
        with Scope(k) as s, lock:
            total += s.name
        with managed(k) as twice:
            total += twice
        with contextlib.suppress(KeyError):
            total += 1
            if k % 40 == 7:
                raise KeyError(k)
            total += 2
        with Scope(k, True):
            if k % 50 == 3:
                raise ValueError(k)
    return total, len(Scope.log), Scope.log[-9:], lock.locked()


print(scopes(200))
