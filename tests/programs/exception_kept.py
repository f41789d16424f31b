"""Exceptions that handlers keep, print and log, and whose frames are looked at after they have returned."""

# expect-stdout:
#   1514265483 21 2802023817

import gc
import io
import logging
import sys
import weakref
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


KEPT = []


class R:
    pass


def keep(n):
    r = R()
    w = weakref.ref(r)
    for i in range(n):
        try:
            if i % 3 == 0:
                deep(1, i)
            if i % 7 == 1:
                int('q%d' % i)
        except E as e:
            KEPT.append(e)
        except ValueError as e:
            last = e
    return w


out = io.StringIO()


def show(n, f):
    c = 0
    for i in range(n):
        try:
            if i % 4 == 0:
                raise KeyError(i)
            if i % 4 == 1:
                [][i]
        except KeyError as e:
            print('error', e, sys.exc_info()[0].__name__, file=f)
            c += 1
        except IndexError:
            print(look(i), file=f)
            try:
                raise ValueError(i)
            except ValueError as v:
                print(tb(v), look(i), file=f)
            c += len(look(i)[1])
        if sys.exc_info() != (None,) * 3:
            c += 1000
    return c


def nest(n):
    s = 0
    for i in range(n):
        try:
            try:
                raise LookupError(i)
            except LookupError:
                s += len(str(look(i)))
                raise E('n', i)
        except E as e:
            s += len(repr(tb(e)))
            if i % 5 == 0:
                KEPT.append(e)
    return s


def store(n):
    last = None
    cnt = 0
    for i in range(n):
        try:
            if i % 2:
                raise E('s', i)
        except E as e:
            last = e
        if last is not None and last.b == i:
            cnt += 1
    return (tb(last), cnt)


def ret(n):
    x = n * 3
    for i in range(n):
        try:
            if i == n - 2:
                raise E('r', i)
            if i % 3 == 1:
                raise E('k', i)
        except E as e:
            KEPT.append(e)
            if i % 50 == 48:
                return e
    return None


PRINTED = []


def note(*values):
    PRINTED.append(repr(values))


for k in range(3):
    w = keep(400)
    note(len(KEPT), [tb(e) for e in KEPT[::37]], w() is not None)
    del KEPT[:]
    gc.collect()
    note(w() is None)
    note(show(300, out), len(out.getvalue().replace(__file__, "")))
    note(nest(200), [tb(e) for e in KEPT[::7]])
    del KEPT[:]
    note(store(301))
    for q in range(60):
        r = ret(30 + q)
    note(tb(r) if r else None, len(KEPT), [tb(e) for e in KEPT[::61]])
    del KEPT[:]
    h = logging.StreamHandler(out)
    lg = logging.getLogger('t')
    lg.propagate = False
    lg.handlers[:] = [h]

    def logs(n):
        for i in range(n):
            try:
                deep(0, i)
            except E:
                lg.exception('bad %d', i)
    logs(60)
    note(len(out.getvalue().replace(__file__, "")))


print(zlib.crc32(out.getvalue().replace(__file__, "").encode()), len(PRINTED), zlib.crc32(" ".join(PRINTED).encode()))
