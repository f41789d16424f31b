"""Import statements in hot functions: of modules that are there, names from them, packages, submodules; and what happens when
the module goes, is replaced, or `__import__` is somebody else's."""

# expect-stdout:
#   109516.91824765874
#   12000
#   3000
#   1498500
#   600 600
#   [1501, 750, 749]
#   gone: mine
#   ['math', 'math', 'math', 'math']
# expect-event: ..."kind":"loop"...

import builtins
import sys
import types


def square_roots(n):
    total = 0.0
    for i in range(n):
        import math

        total += math.sqrt(i)
    return total


def names(n):
    total = 0
    for i in range(n):
        from collections import OrderedDict, deque
        from os.path import join as connect

        total += len(deque([i])) + len(connect("a", "b")) + len(OrderedDict())
    return total


def dotted(n):
    found = 0
    for _ in range(n):
        import os.path
        import collections.abc as kinds

        found += os.path is os.path and hasattr(kinds, "Mapping")
    return found


def inlined(x):
    from math import floor

    return floor(x / 3)


def missing(n):
    caught = 0
    for i in range(n):
        try:
            import there_is_no_such_module
        except ImportError as error:
            caught += error.name == "there_is_no_such_module"
    return caught


def no_such_name(n):
    caught = 0
    for i in range(n):
        try:
            from math import there_is_no_such_name
        except ImportError:
            caught += 1
    return caught


def fresh(n):
    values = []
    for i in range(n):
        import mine

        values.append(mine.value)
        if i == n // 2:
            other = types.ModuleType("mine")
            other.value = "second"
            sys.modules["mine"] = other
        if i == 3 * n // 4:
            mine.value = "third"
    return [values.count(value) for value in ("first", "second", "third")]


def overridden(n):
    seen = []
    original = builtins.__import__

    def spy(name, *rest):
        seen.append(name)
        return original(name, *rest)

    for i in range(n):
        import math

        if i == n - 5:
            builtins.__import__ = spy
    builtins.__import__ = original
    return seen


print(square_roots(3000))
print(names(3000))
print(dotted(3000))
print(sum(inlined(i) for i in range(3000)))
print(missing(600), no_such_name(600))
mine = types.ModuleType("mine")
mine.value = "first"
sys.modules["mine"] = mine
print(fresh(3000))
del sys.modules["mine"]
try:
    fresh(3)
except ImportError as error:
    print("gone:", error.name)
print(overridden(3000))
