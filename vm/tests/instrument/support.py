# What the checks share. The host provides: plain(source, file), which compiles without sites; instrument(code).
import sys, types

def load(make, source=corpus_source, file="corpus.py"):
    """The names that a program defines, run with or without sites."""
    names = {"__name__": "corpus"}
    code = plain(source, file)
    exec(instrument(code) if make else code, names)
    return types.SimpleNamespace(**names)

def nested_codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from nested_codes(constant)

def same(what, a, b):
    if a != b:
        a, b = list(a), list(b)
        for index, (x, y) in enumerate(zip(a, b)):
            if x != y:
                raise AssertionError(f"{what}: item {index} is {y!r} with sites, {x!r} without; before: {a[max(0, index - 3):index]}")
        raise AssertionError(f"{what}: {len(b)} items with sites, {len(a)} without; extra: {(a + b)[min(len(a), len(b)):][:5]}")

def outcome(function):
    try:
        return "value", function()
    except Exception as error:
        return "error", type(error), error.args
