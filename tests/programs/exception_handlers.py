"""Handlers that change things, loop, raise again and look at tracebacks, frames, contexts and causes."""

# expect-stdout:
#   (247230, 700) (None, None, None)
#   (81275, 400) (None, None, None)
#   520 3291014917

import sys
import zlib


class E(Exception):

    def __init__(s, a, b):
        super().__init__(a)
        s.b = b


def tb(e):
    out = []
    t = e.__traceback__
    while t:
        code, variables = t.tb_frame.f_code, t.tb_frame.f_locals
        numbers = sorted((k, v) for k, v in variables.items() if isinstance(v, int))
        out.append((code.co_name, t.tb_lineno - code.co_firstlineno, numbers))
        t = t.tb_next
    c = e.__context__
    k = e.__cause__
    return (type(e).__name__, e.args, out, c and tb(c), k and tb(k), e.__suppress_context__)


def deep(n, i):
    x = i * 2
    if n:
        return deep2(n - 1, i)
    raise E('deep', i)


def deep2(n, i):
    y = i + 1
    return deep(n, i)


def look(i):
    e = sys.exc_info()[1]
    return tb(e) if e else None


LOG = []


def h1(i, d):
    try:
        deep(2, i)
    except E as e:
        d[i] = 1
        if i % 37 == 5:
            LOG.append(tb(e))
        d['n'] = d.get('n', 0) + 1
        if i % 41 == 7:
            LOG.append(look(i))
        s = 0
        for k in range(3):
            s += k
    return s


def h2(i, d):
    try:
        d[i]
    except KeyError:
        d['m'] = i
        if i % 29 == 3:
            LOG.append(look(i))
        try:
            int('x%d' % i)
        except ValueError as e:
            if i % 31 == 4:
                LOG.append(tb(e))
                LOG.append(look(i))
            d['v'] = str(e)
        if i % 23 == 1:
            LOG.append(look(i))
        del d['m']


def h3(i):
    try:
        try:
            deep(1, i)
        finally:
            z = i
            if i % 19 == 2:
                LOG.append(look(i))
    except E as e:
        if i % 17 == 2:
            LOG.append(tb(e))
        return e.b


def h4(i):
    try:
        try:
            raise KeyError(i)
        except KeyError as k:
            if i % 3:
                raise E('from', i) from k
            raise ValueError(i)
    except (E, ValueError) as e:
        if i % 43 == 4:
            LOG.append(tb(e))
        return 1


def h5(i):
    try:
        try:
            deep(1, i)
        except E:
            if i % 5 == 0:
                raise
            return 0
    except E as e:
        if i % 25 == 0:
            LOG.append(tb(e))
            LOG.append(look(i))
        return 2


def h6(i, L):
    try:
        return L[i % 7]
    except IndexError as e:
        if i % 47 == 6:
            LOG.append(tb(e))
        return -1


class O:
    pass


def h7(i, o):
    try:
        return o.x
    except AttributeError as e:
        if i % 47 == 6:
            LOG.append(tb(e))
            LOG.append((e.name, e.obj is o))
        return -1


def main(n):
    d = {}
    s = 0
    o = O()
    for i in range(n):
        s += h1(i, d)
        h2(i, {})
        s += h3(i)
        s += h4(i)
        s += h5(i)
        s += h6(i, [1, 2, 3])
        s += h7(i, o)
    return (s, d['n'])


def outer():
    try:
        raise LookupError('outer')
    except LookupError:
        r = main(400)
        LOG.append(tb(sys.exc_info()[1]))
        return r


print(main(700), sys.exc_info())
print(outer(), sys.exc_info())
print(len(LOG), zlib.crc32(repr(LOG).encode()))
