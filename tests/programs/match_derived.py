"""`case` patterns with classes derived from builtin ones: a single positional pattern binds the object itself, unless the class
says otherwise; and what is no such class is refused."""

# expect-stdout:
#   ['if', 'short x', 'symbol', 'if', 'deeper abc', 'number 7', 'colour 1', 'blue', 'rows 3', 'none []', 'at 1 2', 'plain 5', 'plain 2.5', 'else', 'else']
#   Plain() accepts 0 positional sub-patterns (1 given)
#   Symbol() accepts 1 positional sub-pattern (2 given)
# expect-event: ..."kind":"loop"...

from collections import namedtuple
from enum import IntEnum


class Symbol(str):
    pass


class Deeper(Symbol):
    __slots__ = ()


class Number(int):
    __match_args__ = ("real", "imag")


class Colour(IntEnum):
    RED = 1
    BLUE = 2


class Rows(list):
    pass


class Plain:
    pass


Point = namedtuple("Point", "x y")


def told(value):
    match value:
        case Symbol("if"):
            return "if"
        case Deeper(name):
            return f"deeper {name}"
        case Symbol(name) if len(name) < 3:
            return f"short {name}"
        case Symbol():
            return "symbol"
        case Number(real, 0):
            return f"number {real}"
        case Colour(2):
            return "blue"
        case Colour(other):
            return f"colour {other:d}"
        case Rows([first, *_]):
            return f"rows {first}"
        case Rows(rows):
            return f"none {rows}"
        case Point(x, y):
            return f"at {x} {y}"
        case int(n) | float(n):
            return f"plain {n}"
    return "else"


values = [Symbol("if"), Symbol("x"), Symbol("define"), Deeper("if"), Deeper("abc"), Number(7), Colour.RED, Colour.BLUE]
values += [Rows([3, 4]), Rows(), Point(1, 2), 5, 2.5, "if", None]
for turn in range(300):
    found = [told(value) for value in values]
print(found)
for wrong in (lambda v: Plain(), lambda v: Symbol("a")):
    try:
        match wrong(0):
            case Plain(x):
                print("bound", x)
            case Symbol(x, y):
                print("bound", x, y)
    except TypeError as error:
        print(error)
