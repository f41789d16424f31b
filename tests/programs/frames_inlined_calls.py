"""What is called from an inlined function sees the frames of its callers, although they were not made."""

# expect-stdout:
#   (124749, 6, [('looks', 3, ['_', 'depth', 'found']), ('rarely', 2, ['depth', 'k']), ('middle', 2, ['k', 'x', 'y']), ('frames', 4, ['k', 'n', 'out'])], True)
#   (820, [[('all_of_them', 122), ('inner', 115), ('work', 101), ('stack', 70)], ('inner', ['caller_name', 'work', 'inner', 'all_of_them']), ('log_it', 1), 11])
#   (784, 8, True, [('tracebacks', 148), ('pass_on', 140), ('fail', 135)])
#   1
#   21700

import inspect
import logging
import sys
import traceback
import warnings


def names(depth):
    frame = sys._getframe(1)
    out = []
    for _ in range(depth):
        line = frame.f_lineno - frame.f_code.co_firstlineno
        out.append((frame.f_code.co_name, line, sorted(frame.f_locals)[:3]))
        frame = frame.f_back
    return out


def looks(depth):
    found = None
    for _ in range(1):
        found = names(depth)
    return found


def rarely(k, depth):
    if k % 97 == 5:
        return looks(depth)
    return helper_native(k)


def helper_native(k):
    return recursive(k % 5)


def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)


def middle(k, y):
    x = k * 2.5
    z = rarely(k, 4)
    return x, y, z


def frames(n):
    out = []
    total = 0
    for k in range(n):
        x, y, z = middle(k, k + 1)
        if isinstance(z, list):
            out.append(z)
        else:
            total += z + y
    return total, len(out), out[0], out[-1] == out[0]


print(frames(500))


def stack():
    return [(entry.name, entry.lineno) for entry in traceback.extract_stack()[-4:]]


def caller_name():
    return inspect.currentframe().f_back.f_back.f_code.co_name, [f.function for f in inspect.stack()[:4]]


class Catcher(logging.Handler):
    def emit(self, record):
        self.last = record.funcName, record.lineno - log_it.__code__.co_firstlineno


logger = logging.getLogger("inlined")
logger.propagate = False
catcher = Catcher()
logger.addHandler(catcher)


def log_it(k):
    logger.warning("at %d", k)
    return catcher.last


def warn_it(k):
    warnings.warn("careful", stacklevel=2)
    return k


def work(k):
    kind = k % 60
    if kind == 7:
        return stack()
    if kind == 17:
        return caller_name()
    if kind == 27:
        return log_it(k)
    if kind == 37:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn_it(k)
        return caught[0].lineno - work.__code__.co_firstlineno
    return recursive(k % 4)


def inner(k):
    return work(k)


def all_of_them(n):
    seen = []
    total = 0
    for k in range(n):
        got = inner(k)
        if isinstance(got, int) and k % 60 != 37:
            total += got
        elif got not in seen:
            seen.append(got)
    return total, seen


print(all_of_them(600))


def fail(k):
    if k % 50 == 49:
        raise ValueError(k)
    return recursive(k % 3)


def pass_on(k):
    return fail(k) + 1


def tracebacks(n):
    out = []
    total = 0
    for k in range(n):
        try:
            total += pass_on(k)
        except ValueError as error:
            out.append([(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__)])
    return total, len(out), out[0] == out[-1], out[0]


print(tracebacks(400))


def deep(n):
    return deep_inner(n + 1)


def deep_inner(n):
    depths.append(n)
    return deep(n)


depths = []


def depth_of(k):
    depths.clear()
    try:
        deep(0)
    except RecursionError:
        return len(depths)


def limits(n):
    seen = set()
    for k in range(n):
        seen.add(depth_of(k))
    return len(seen)


print(limits(60))


class Shape:
    def __init__(self, n):
        self.n = n

    def area(self):
        return self.scaled(lambda x: x + recursive(2))

    def scaled(self, f):
        return f(self.n) + sum(map(self.one, range(2)))

    def one(self, x):
        return len(names(3)) + x


def methods(n):
    total = 0
    for k in range(n):
        total += Shape(k).area()
    return total


print(methods(200))
