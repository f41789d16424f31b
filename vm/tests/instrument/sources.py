# Every way to make code gives it sites, and says what it says without them.
import ast, codeop, collections, dataclasses, functools, importlib.util, io, os, py_compile, runpy, sys, tempfile, timeit, types, zipfile

LOOP = "out = []\nfor i in range(3):\n    out.append(i)\n"

assert has_sites(compile(LOOP, "c.py", "exec"))
assert has_sites(compile(ast.parse(LOOP), "c.py", "exec"))
assert has_sites(compile(LOOP.encode(), "c.py", "exec"))
assert has_sites(compile("for i in x: pass\n", "c.py", "single"))
assert isinstance(compile(LOOP, "c.py", "exec", ast.PyCF_ONLY_AST), ast.Module)
assert isinstance(compile("1", "c.py", mode="eval", flags=ast.PyCF_ONLY_AST), ast.Expression)
assert eval(compile(source="[i for i in range(2)]", filename="c.py", mode="eval", dont_inherit=True)) == [0, 1]

def here():
    return has_sites(sys._getframe(1).f_code)

space = {"here": here}
for text in (LOOP + "seen = here()", (LOOP + "seen = here()").encode(), bytearray((LOOP + "seen = here()").encode())):
    exec(text, space)
    assert space["out"] == [0, 1, 2] and space.pop("seen")
exec(b"# -*- coding: latin-1 -*-\nname = '\xe4'\nfor i in '': pass\nseen = here()", space)
assert space["name"] == "\xe4" and space["seen"]
assert eval(" \t[here() for i in range(2)]", space) and eval(b" 1 + 1") == 2
assert eval("(lambda: here())()", space)
exec(compile(LOOP + "seen = here()", "c.py", "exec"), space, {})

def scopes():
    x = 1
    exec("y = x\nfor x in (7,): pass")
    assert x == 1 and eval("x + 1") == 2 and eval("[x for _ in range(2)]") == [1, 1]
    exec("z = 5", globals=(g := {}), locals=(l := {}))
    assert "z" in l and "z" not in g and eval("z", {"z": 3}, l) == 5
scopes()
def cell():
    value = 4
    def inner():
        out = 0
        for _ in range(2):
            out += value
        result.append(out)
    return inner
result = []
exec(cell().__code__, {"result": result}, closure=cell().__closure__)
assert result == [8]

# Future features of the caller are inherited, or not.
exec("from __future__ import annotations\nf = compile('def f(x: undefined): pass', 'f', 'exec')\n"
     "g = compile('def f(x: undefined): pass', 'f', 'exec', dont_inherit=True)\nexec('def h(x: undefined): pass')\n"
     "exec(b'def k(x: undefined): pass')", space)
FUTURE = 0x1000000
assert space["f"].co_flags & FUTURE and not space["g"].co_flags & FUTURE
assert space["h"].__code__.co_flags & FUTURE and space["k"].__code__.co_flags & FUTURE

# Errors are the functions' own.
for call, error in [
    (lambda: exec("x ="), SyntaxError), (lambda: exec("x =", 5), TypeError), (lambda: eval(""), SyntaxError), (lambda: exec(), TypeError),
    (lambda: exec("a\0b"), SyntaxError), (lambda: exec(5), TypeError), (lambda: eval("1", [], 3), TypeError),
    (lambda: exec("1", closure=()), TypeError), (lambda: compile(), TypeError), (lambda: compile("1", "f", "bad"), ValueError),
    (lambda: exec("\ud800"), UnicodeEncodeError), (lambda: eval("x", {}), NameError), (lambda: exec(b"\xff = 1"), SyntaxError),
]:
    try:
        call()
    except error:
        pass
    else:
        raise AssertionError(error)
try:
    exec("if x:\npass")
except SyntaxError as error:
    assert (error.filename, error.lineno) == ("<string>", 2), error

# Audit events.
events = []
def audit(event, args):
    if events is not None and event in ("compile", "exec"):
        events.append((event, args[1] if event == "compile" else type(args[0]).__name__))
sys.addaudithook(audit)
exec("pass")
eval("1")
assert events == [("compile", "<string>"), ("exec", "code")] * 2, events
events = None

# The library's own uses.
Point = collections.namedtuple("Point", "x y")
assert Point(1, 2)._replace(x=3) == (3, 2)
@dataclasses.dataclass(order=True)
class Data:
    items: list
assert Data([1]) < Data([2]) and repr(Data([])) == "Data(items=[])"
assert timeit.timeit("for i in range(3): pass", number=2) >= 0
assert codeop.compile_command("for i in x:") is None and has_sites(codeop.compile_command("for i in x: pass\n\n"))

# Modules: source, compiled cache, a zip file, a directory to run; frozen.
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "some_module.py")
    with open(path, "w") as file:
        file.write("import sys\n" + LOOP + "def f():\n    while out: out.pop()\n    return sys._getframe().f_code\ncode = sys._getframe().f_code\n")
    sys.path.insert(0, directory)
    for expected in ("source", "cache"):
        importlib.invalidate_caches()
        module = importlib.import_module("some_module")
        assert has_sites(module.code) and has_sites(module.f.__code__) and module.f() is module.f.__code__, expected
        assert module.f.__code__.co_filename == path
        del sys.modules["some_module"]
    cached = py_compile.compile(path, cfile=os.path.join(directory, "some.pyc"), doraise=True)
    with open(cached, "rb") as file:
        data = file.read()
    assert b"site" not in data
    names = runpy.run_path(path)
    assert has_sites(names["code"])
    bundle = os.path.join(directory, "bundle.zip")
    with zipfile.ZipFile(bundle, "w") as file:
        file.write(path, "zipped.py")
        file.write(cached, "compiled.pyc")
        file.writestr("__main__.py", LOOP + "import sys\ncode = sys._getframe().f_code")
    sys.path.insert(0, bundle)
    for name in ("zipped", "compiled"):
        module = importlib.import_module(name)
        assert has_sites(module.code) and has_sites(module.f.__code__), name
        module.f()
    assert has_sites(runpy.run_path(bundle)["code"])
    sys.path[:2] = []

for function in (os.path.join, io.open_code if hasattr(io.open_code, "__code__") else os.walk, functools.update_wrapper, importlib.util.find_spec):
    assert has_sites(function.__code__), function
assert has_sites(sys.modules["_frozen_importlib_external"].cache_from_source.__code__)
