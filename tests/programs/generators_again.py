"""Generators that have ended and died in compiled code are used again by their function: nothing of them must be left."""

# expect-stdout:
#   18000
#   8400
#   300 [-1, 1, -1, 3, -1]
#   other [0, 3]
#   {('walk', 'walk')} changed
#   {"((False, True, None, False), [0, 3, 6], None, False, 'end', None)"}
#   (0, 300) 18000
#   [('walk', ['kept', 'n', 'thing', 'x']), ('walk', ['kept', 'n', 'thing', 'x']), ('walk', ['kept', 'n', 'thing', 'x']), ('walk', ['kept', 'n', 'thing', 'x']), ('walk', ['kept', 'n', 'thing', 'x']), ('walk', ['kept', 'n', 'thing', 'x'])] 18000
#   ('at once', 300)
#   ([None, None, None, None, None, None, None, None, None, None], 10)
#   18000 True
#   [1, 2, 3, 4, 5, 6, 7]

import gc
import sys
import weakref


class Noisy:
    died = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Noisy.died.append(self.name)


def walk(n, thing):
    if n > 0:
        kept = n * 3
        for x in walk(n - 1, thing):
            yield x
        yield kept
    else:
        yield 0


def leaves(tree):
    for x in tree:
        if isinstance(x, list):
            yield from leaves(x)
        else:
            yield x


def bound(n):
    # What was bound before must not be bound again.
    if n % 2:
        late = n
    if n > 0:
        for x in bound(n - 1):
            yield x
    try:
        yield late
    except UnboundLocalError:
        yield -1


def total():
    count = 0
    for i in range(400):
        for x in walk(5, i):
            count += x
    return count


print(total())
tree = [1, [2, [3, 4], [5]], [[6], 7]]
print(sum(sum(leaves(tree)) for _ in range(300)))
print(sum(sum(bound(4)) for _ in range(300)), list(bound(4)))

# Names: of the function, and of a generator.
g = walk(1, None)
g.__name__ = "other"
print(g.__name__, list(g))
del g
total()
names = {(h.__name__, h.__qualname__) for h in [walk(2, None) for _ in range(80)]}
walk.__name__ = "changed"
total()
print(names, walk(2, None).__name__)


def ask(n):
    """Looks at the generator while it runs and when it has ended."""
    g = walk(n, None)
    first = (g.gi_suspended, g.gi_frame is not None, g.gi_yieldfrom, g.gi_running)
    last = [x for x in g]
    return first, last, g.gi_frame, g.gi_suspended, next(g, "end"), g.close()


def asked():
    answers = set()
    for i in range(300):
        answers.add(str(ask(2)))
    return answers


print(asked())


def weak(n):
    alive = 0
    refs = []
    for i in range(n):
        g = walk(2, i)
        refs.append(weakref.ref(g))
        for x in g:
            pass
        g = None
        alive += refs[-1]() is not None
    return alive, len(refs)


print(weak(300), total())


def framed(n):
    frames = []
    for i in range(n):
        g = walk(2, i)
        frame = g.gi_frame
        for x in g:
            pass
        if i % 50 == 0:
            frames.append(frame)
    return [(frame.f_code.co_name, sorted(frame.f_locals)) for frame in frames]


print(framed(300), total())


def holds(n, thing):
    if n > 0:
        yield from holds(n - 1, thing)
    yield n


def dying():
    for i in range(300):
        for x in holds(2, Noisy(i)):
            pass
        if len(Noisy.died) != i + 1:
            return "late", i
    return "at once", len(Noisy.died)


print(dying())


def again(kept):
    # Those that are kept go on to be ended.
    for i in range(300):
        g = walk(1, i)
        for x in g:
            pass
        if i % 30 == 0:
            kept.append(g)
    return [next(g, None) for g in kept], len({id(g) for g in kept})


print(again([]))
gc.collect()
print(total(), sys.getrefcount(walk) < 10000)
walk.__code__ = leaves.__code__.replace(co_name="walk", co_argcount=1)
print(list(walk(tree)))
