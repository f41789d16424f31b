"""Generators that are given up, closed, thrown into, fail or look at their frames after step traces were recorded."""

# expect-stdout:
#   120 [('fin', 0), ('fin', 1), ('fin', 2)] [('fin', 49), ('fin', 49)]
#   750 [('caught', 'v0'), 2, 3, 4, ('ret', 103), ('caught', 'v1')] [2, 3, 4, ('ret', 103)]
#   {(('<module>', 54), ('chain', 51), ('bad', 50))}
#   130
#   188848542454601534668800
#   [84, 85]
#   True
#   1800

import sys, gc, weakref, traceback
def g(n):
    try:
        for i in range(n):
            yield i
    finally:
        log.append(("fin", i))
log=[]
for k in range(120):
    x = g(50)
    s = 0
    for v in x:
        s += v
        if v == k % 60: break
    del x
print(len(log), log[:3], log[-2:])
def inner(n):
    total = 0
    for i in range(n):
        try:
            got = yield i
            total += got or 0
        except ValueError as e:
            total += 100
            yield ("caught", str(e))
    return total
def outer(n):
    r = yield from inner(n)
    yield ("ret", r)
res=[]
for k in range(150):
    o = outer(5)
    next(o); o.send(3)
    res.append(o.throw(ValueError("v%d" % k)))
    res.extend(list(o))
print(len(res), res[:6], res[-4:])
def bad(n):
    for i in range(n): yield 10 // (n - 2 - i)
def chain(n): yield from bad(n)
errs=set()
for k in range(150):
    try: list(chain(6))
    except ZeroDivisionError as e:
        errs.add(tuple((f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)))
print(errs)
def ref(n):
    class A: pass
    a = A(); w.append(weakref.ref(a))
    for i in range(n): yield i
w=[]
for k in range(130):
    r = ref(3); next(r); next(r)
    alive = w[-1]() is not None
    list(r)
    assert alive and w[-1]() is None, k
def stop(n):
    for i in range(n): yield i
    raise StopIteration(5)
c=0
for k in range(130):
    try: sum(stop(3))
    except RuntimeError as e: c += type(e.__cause__) is StopIteration
print(c)
def big(n):
    x = 1 << 60
    for i in range(n):
        yield x
        x *= 4
print(sum(sum(big(6)) for _ in range(120)))
def lines():
    f = sys._getframe()
    yield f.f_lineno
    yield f.f_lineno
print([list(lines()) for _ in range(120)][-1])
def selfref():
    me = yield
    yield me
gc.collect()
for k in range(130):
    s = selfref(); next(s); s.send(s)
del s
print(gc.collect() >= 0)
import asyncio
async def agen(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
async def main():
    t = 0
    for k in range(40):
        async for v in agen(10): t += v
    return t
print(asyncio.run(main()))
