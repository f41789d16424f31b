# Distances of one, two and three bytes, in every kind of jump.
import dis, io, sys, types

def pad(units, indent):
    """Statements of about so many code units."""
    return "".join(f"{indent}pad = pad\n" for _ in range(units // 2))

def program(units):
    if units > 300:
        return very_long(units)
    body = pad(units, "        ")
    deep = pad(units, "            ")
    return (
        f"def for_(n):\n    pad = 0\n    out = []\n    for i in range(n):\n{body}        out.append(i)\n    return out\n"
        f"def while_(n):\n    pad = 0\n    while n:\n{body}        n -= 1\n    return n\n"
        f"def if_(n):\n    pad = 0\n    out = []\n    for i in range(n):\n        if i % 2:\n{deep}            out.append(i)\n"
        f"        elif i is None:\n{deep}        elif i is not None and n:\n{deep}            out.append(-i)\n    return out\n"
        f"def try_(n):\n    pad = 0\n    out = []\n    for i in range(n):\n        try:\n{deep}            out.append(1 // i)\n"
        f"        except ZeroDivisionError:\n{deep}            out.append('zero')\n            continue\n"
        f"        finally:\n{deep}            out.append('end')\n    return out\n"
        f"def gen(n):\n    pad = 0\n    for i in range(n):\n{body}        yield i\n    return (yield from later(n))\n"
        f"def later(n):\n    pad = 0\n    while n:\n{body}        n -= 1\n        yield n\n    return 9\n"
        f"async def co(n):\n    pad = 0\n    out = []\n    async for i in agen(n):\n{body}        out.append(i)\n"
        f"    async with Manager():\n{body}    return out\n"
        f"async def agen(n):\n    for i in range(n):\n        yield i\n"
        "class Manager:\n    async def __aenter__(self): pass\n    async def __aexit__(self, *e): pass\n"
    )

def very_long(units):
    body = pad(units, "        ")
    return (
        f"def for_(n):\n    pad = 0\n    out = []\n    for i in range(n):\n{body}        if i % 2:\n            continue\n        out.append(i)\n    return out\n"
        f"def gen(n):\n    pad = 0\n    while n:\n{body}        n -= 1\n        yield n\n    for j in range(2):\n        yield j\n"
    )

def run(names):
    if not hasattr(names, "co"):
        return names.for_(3), list(names.gen(2))
    try:
        coroutine = names.co(3)
        coroutine.send(None)
    except StopIteration as stop:
        awaited = stop.value
    delegated = []
    def outer():
        delegated.append((yield from names.gen(2)))
    return names.for_(3), names.while_(3), names.if_(4), names.try_(3), list(outer()), delegated, awaited

# The lengths around which one more prefix is needed; the last needs three bytes.
for units in [110, 114, 116, 118, 120, 122, 124, 126, 240, 246, 250, 256, 65500]:
    source = program(units)
    bare = plain(source, "long.py")
    sited = instrument(bare)
    check_code(bare, sited)
    results = []
    for code in (bare, sited):
        names = {}
        exec(code, names)
        results.append(run(types.SimpleNamespace(**names)))
    same(f"{units} units", *results)
    if units > 60000:
        for x, y in zip(nested_codes(bare), nested_codes(sited)):
            assert x.co_code == y.co_code and x.co_linetable == y.co_linetable and list(x.co_lines()) == list(y.co_lines())

# More constants than a byte can count: the site's own index needs prefixes.
for count in (250, 251, 252, 253, 254, 255, 256, 257, 65540):
    source = "def f(n):\n    x = (" + ",".join(f"'c{i}'.upper" for i in range(count)) + ")\n" + "".join(
        f"    if n < 0: return 'k{i}'\n" for i in range(2)) + "    for i in range(n):\n        while i:\n            i -= 1\n            n += 1\n    return n\n"
    bare = plain(source, "many.py")
    sited = instrument(bare)
    check_code(bare, sited)
    names = {}
    exec(sited, names)
    assert names["f"](4) == 10
    switch_all(names["f"].__code__, False)
    assert names["f"](4) == 10
    counts = counts_of(names["f"].__code__)
    switch_all(names["f"].__code__, True)
    assert names["f"](4) == 10 and all(n > m for n, m in zip(counts_of(names["f"].__code__), counts)), (count, counts)
