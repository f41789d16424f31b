"""`with` bodies that raise, exceptions of builtins and of callees, StopIteration, `__getattr__`: all that is seen."""

# expect-stdout:
#   646654.5
#   78167.5 (None, None, None)
#   93 2091853413

import contextlib
import sys
import zlib
LOG = []


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


class CM:

    def __init__(s, sup):
        s.sup = sup
        s.n = 0

    def __enter__(s):
        s.n += 1
        return s

    def __exit__(s, t, v, b):
        s.n -= 1
        if t is None:
            return False
        if s.n % 13 == 5:
            LOG.append(('exit', t.__name__, v.args, tb(v), b is v.__traceback__, look(0)))
        return issubclass(t, s.sup)


class CM2:

    def __enter__(s):
        return 1

    def __exit__(s, *a):
        if a[0]:
            s.last = a[0].__name__
            if len(LOG) % 7 == 3:
                LOG.append((len(a), tb(a[1]), a[2] is a[1].__traceback__))
        return False


def w1(i, c):
    with c as q:
        if i % 3 == 0:
            raise ValueError(i)
        if i % 50 == 1:
            deep(1, i)
    return q.n


def w2(i, c, d):
    try:
        with c:
            if i % 2:
                d[i]
            return 1
    except KeyError as e:
        return e.args[0]


@contextlib.contextmanager
def gm(L):
    L.append(1)
    try:
        yield L
    except KeyError:
        L.append(2)
    finally:
        L.pop()


def w3(i):
    L = []
    with gm(L) as q:
        if i % 4 == 1:
            {}[i]
        q.append(i)
    with contextlib.suppress(KeyError, IndexError):
        L[i]
    return len(L)


def w4(s, i):
    try:
        a = int(s)
    except ValueError as e:
        if i % 41 == 3:
            LOG.append(tb(e))
        try:
            a = float(s)
        except ValueError as e2:
            if i % 31 == 2:
                LOG.append(tb(e2))
            a = len(e.args[0]) + len(str(e2))
    return a


def callee(i):
    if i % 5 == 2:
        return [].pop()
    if i % 5 == 3:
        return max(())
    return sorted([3, i], key=lambda v: 1 // (i % 7))[0]


def w5(i):
    try:
        return callee(i)
    except (IndexError, ValueError) as e:
        if i % 53 == 2:
            LOG.append(tb(e))
        return -1
    except ZeroDivisionError as e:
        if i % 9 == 0:
            LOG.append(tb(e))
        return -2


def w6(i):
    n = 0
    while True:
        try:
            n += 1
            if n > i % 4:
                raise StopIteration(n)
        except StopIteration as s:
            r = s.value
            break
        finally:
            n += 1
    return r


class Node:

    def __init__(s, v):
        s.v = v

    def __getattr__(s, name):
        if name == 'w':
            return s.v
        raise AttributeError(name)


def w7(o, i):
    try:
        return o.w + o.zz
    except AttributeError as e:
        return len(e.args) + i


def main(n):
    c = CM(ValueError)
    c2 = CM2()
    d = {}
    s = 0.0
    o = Node(4)
    for i in range(n):
        try:
            s += w1(i, c)
        except E as e:
            s += e.b
            c.n += i % 2
        s += w2(i, c2, d)
        s += w3(i)
        s += w4(['12', '2.5', 'x', '7'][i % 4], i)
        s += w5(i)
        s += w6(i)
        s += w7(o, i)
    return s


print(main(900))


def outer():
    try:
        raise LookupError('outer')
    except LookupError:
        r = main(300)
        LOG.append(look(0))
        return r


print(outer(), sys.exc_info())
print(len(LOG), zlib.crc32(repr(LOG).encode()))
