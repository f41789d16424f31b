# Code with sites shows the original: attributes, dis, inspect, comparison, marshal, replace.
import copy, dis, inspect, io, marshal, pickle, types

a, b = load(False), load(True)
for f, g in zip(a.programs, b.programs):
    same(f.__name__, [outcome(f)], [outcome(g)])

bare, sited = plain(corpus_source, "corpus.py"), instrument(plain(corpus_source, "corpus.py"))
assert has_sites(b.flat.__code__) and not has_sites(a.flat.__code__)
def shown(instruction):
    """An instruction without addresses."""
    values = instruction._replace(argval=None)
    return values._replace(argrepr="") if "code object" in instruction.argrepr else values

pairs = list(zip(nested_codes(bare), nested_codes(sited), strict=True))
assert len(pairs) > 30, len(pairs)
names = [name for name in dir(bare) if name.startswith(("co_", "_co_"))]
for x, y in pairs:
    for name in names:
        if name in ("co_lines", "co_positions", "co_branches"):
            assert list(getattr(x, name)()) == list(getattr(y, name)()), (x, name)
        elif name != "co_consts":
            assert getattr(x, name) == getattr(y, name), (x, name)
    assert len(x.co_consts) == len(y.co_consts)
    assert [type(c) for c in x.co_consts] == [type(c) for c in y.co_consts]
    assert x == y and y == x and hash(x) == hash(y) and {x: 1}[y] == 1
    for show_caches in (False, True):
        left, right = (list(dis.get_instructions(c, show_caches=show_caches)) for c in (x, y))
        assert [shown(i) for i in left] == [shown(i) for i in right], x
    assert list(dis.findlinestarts(x)) == list(dis.findlinestarts(y))
    assert dis.code_info(x).split("Constants")[0] == dis.code_info(y).split("Constants")[0]
assert bare != instrument(plain(corpus_source + "\npass", "corpus.py"))

# The nested code that is shown is the code that runs.
outer = instrument(plain("def f():\n for x in y: pass\n def g():\n  while x: pass\n return g\nh = f", "n.py"))
space = {"y": ()}
exec(outer, space)
assert space["f"].__code__ is outer.co_consts[0]
assert space["f"]().__code__ in space["f"].__code__.co_consts and any(c is space["f"]().__code__ for c in space["f"].__code__.co_consts)

# Adaptive bytes have the length and arguments of the original.
b.flat(50)
assert len(b.flat.__code__._co_code_adaptive) == len(b.flat.__code__.co_code)
assert b.flat.__code__._co_code_adaptive[1::2][:4] == b.flat.__code__.co_code[1::2][:4]
dis.dis(b.flat, adaptive=True, file=io.StringIO())

# marshal: the same bytes; what is read runs and has sites. Also inside containers, and containers in themselves.
for x, y in pairs:
    assert marshal.dumps(x) == marshal.dumps(y)
again = marshal.loads(marshal.dumps(sited))
assert again == sited and [has_sites(c) for c in nested_codes(again)] == [has_sites(c) for c in nested_codes(sited)]
space = {"__name__": "corpus"}
exec(again, space)
assert space["nested"]() == a.nested()
data = [1, (sited, {"k": b.flat.__code__}), {b.nested.__code__}, frozenset([b.handlers.__code__])]
data.append(data)
back = marshal.loads(marshal.dumps(data))
assert back[1][0] == bare and back[1][1]["k"] == a.flat.__code__ and back[2] == {a.nested.__code__} and back[4] is back
assert copy.copy(sited) is sited and copy.deepcopy(sited) is sited
same("pickle", [outcome(lambda: pickle.dumps(bare))[:2]], [outcome(lambda: pickle.dumps(sited))[:2]])
file = io.BytesIO()
marshal.dump(b.nested.__code__, file)
assert marshal.loads(file.getvalue()) == a.nested.__code__ and file.getvalue() == marshal.dumps(a.nested.__code__)

# replace and the constructor.
code = b.nested.__code__
new = code.replace(co_name="other")
assert new.co_name == "other" and has_sites(new) and new != code and new.replace(co_name="nested") == code
assert copy.replace(code, co_name="other") == new
assert sites_of(new)[0] is not sites_of(code)[0], "each code has sites of its own"
assert types.FunctionType(new, {}, argdefs=(3,))() == a.nested()
f = types.FunctionType(code.replace(co_consts=tuple("otherwise" if c == "else" else c for c in code.co_consts)), {}, argdefs=(3,))
assert "otherwise" in f() and "else" not in f()
built = types.CodeType(
    code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize, code.co_flags,
    code.co_code, code.co_consts, code.co_names, code.co_varnames, code.co_filename, code.co_name, code.co_qualname,
    code.co_firstlineno, code.co_linetable, code.co_exceptiontable, code.co_freevars, code.co_cellvars)
assert built == code and has_sites(built) and types.FunctionType(built, {}, argdefs=(3,))() == a.nested()
g = lambda n: n
g.__code__ = code
g.__defaults__ = (3,)
assert g() == a.nested()
# Bytes that no compiler writes are left alone.
for strange in (b"", bytes([69, 0]), code.co_code[:7], code.co_code[2:], bytes(range(0, 60, 2))):
    same("strange", [outcome(lambda: not has_sites(a.nested.__code__.replace(co_code=strange)))[:1]], [outcome(lambda: code.replace(co_code=strange))[:1]])
shorter = plain("x = 1", "s.py").co_code
assert code.replace(co_code=shorter).co_code == shorter

# inspect and signatures of what stands in the place of the VM's functions.
for function, text in [(compile, "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1"), (eval, "(source, /"), (exec, "(source, /")]:
    assert str(inspect.signature(function)).startswith(text), inspect.signature(function)
    assert function.__module__ == "builtins" and function.__doc__ and function.__self__.__name__ == "builtins"
assert repr(compile) == "<built-in function compile>" and pickle.loads(pickle.dumps(compile)) is compile
assert marshal.loads.__module__ == "marshal" and "marshal" in repr(marshal.loads.__self__)
assert repr(types.CodeType.replace).startswith("<method 'replace' of 'code' objects>")
assert repr(types.CodeType.co_code) == "<attribute 'co_code' of 'code' objects>"
assert types.CodeType.replace.__doc__ == types.CodeType.__dict__["replace"].__doc__
