"""Weak references die when the last strong one goes: callbacks, dead references, weak containers."""

# expect-stdout:
#   (1500, True, 1500)
#   [1200, 600]
#   (13, [0, 100, 200, 300], 12)
#   1200
#   1200
#   2400
#   1200

import gc
import weakref

gc.disable()


class Thing:
    pass


def callbacks(count):
    dead = []
    refs = []
    for i in range(count):
        t = Thing()
        refs.append(weakref.ref(t, lambda r, i=i: dead.append(i)))
        if len(dead) != i:
            return "late", i, len(dead)
    t = None
    return len(dead), dead == list(range(count)), sum(r() is None for r in refs)


print(callbacks(1500))


def alive_until(count):
    r = None
    states = [0, 0]
    for i in range(count):
        if r is not None and r() is not None:
            states[0] += 1
        if i % 3 == 0:
            t = Thing()
            r = weakref.ref(t)
        elif i % 3 == 2:
            t = None
        if r() is None:
            states[1] += 1
    return states


print(alive_until(1800))


def containers(count):
    values = weakref.WeakValueDictionary()
    most = 0
    keep = []
    for i in range(count):
        t = Thing()
        values[i] = t
        if i % 100 == 0:
            keep.append(t)
        most = max(most, len(values))
    t = None
    return most, sorted(values)[:4], len(values)


print(containers(1200))


def generator_frame(count):
    dead = 0

    def source(thing):
        yield 1
        yield 2

    for i in range(count):
        t = Thing()
        r = weakref.ref(t)
        g = source(t)
        t = None
        next(g)
        if r() is None:
            return "too early", i
        g = None
        dead += r() is None
    return dead


print(generator_frame(1200))


def closure(count):
    dead = 0
    for i in range(count):
        t = Thing()
        r = weakref.ref(t)
        f = lambda t=t: t
        t = None
        dead += r() is None
        f = None
        dead += r() is None
    return dead


print(closure(1200))


def sorted_out(count):
    """Tuples and lists that hold the only reference, made and dropped in one iteration."""
    dead = 0
    for i in range(count):
        t = Thing()
        r = weakref.ref(t)
        pair = (t, [t, i])
        t = None
        a, b = pair
        pair = None
        dead += r() is not None
        a = None
        b[0] = None
        dead += r() is None
    return dead


print(sorted_out(1200))


def cycles(count):
    collected = 0
    refs = []
    for i in range(count):
        t = Thing()
        t.self = t
        refs.append(weakref.ref(t))
        if i % 300 == 299:
            t = None
            gc.collect()
            collected += sum(r() is None for r in refs)
            refs.clear()
    return collected


print(cycles(1200))
