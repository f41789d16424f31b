"""Makes a program smaller as long as it stays interesting: delta debugging on its syntax tree.

`Reducer(interesting, deadline).reduce(source)` tries edits, large ones first, and keeps each after which `interesting(source)`
still holds: runs of statements go, compound statements become one of their parts, expressions become one of their operands or
a small constant, large numbers shrink. It ends when no edit helps, or at the deadline (a time.monotonic() value).
"""

import ast
import time
import warnings

BODIES = ("body", "orelse", "finalbody", "handlers")


class Reducer:
    def __init__(self, interesting, deadline):
        self.interesting = interesting
        self.deadline = deadline
        self.tried = 0
        self.seen = set()

    def reduce(self, source):
        """The smallest source found; the given one, as ast.unparse writes it, if nothing could go."""
        source = self.accept(ast.unparse(ast.parse(source))) or source
        while True:
            before = source
            for edits in (removals, unwrappings, simplifications):
                source = self.exhaust(source, edits)
            if source == before or self.out_of_time():
                return source

    def exhaust(self, source, edits):
        """Tries every edit of one kind; after a success goes on from the same place in the smaller program."""
        at = 0
        while not self.out_of_time():
            tree = ast.parse(source)
            found = edits(tree)
            if at >= len(found):
                break
            found[at]()
            smaller = self.accept(text_of(tree))
            if smaller is not None and smaller != source:
                source = smaller
            else:
                at += 1
        return source

    def accept(self, candidate):
        """The candidate, if it is new and interesting; else None."""
        if candidate is None or candidate in self.seen:
            return None
        self.seen.add(candidate)
        self.tried += 1
        return candidate if self.interesting(candidate) else None

    def out_of_time(self):
        return time.monotonic() > self.deadline


def text_of(tree):
    """The source of an edited tree, or None when the edit made nonsense of it."""
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(text, "candidate", "exec")
    except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return text


def statement_lists(tree):
    """(node, field) for every list of statements, outer ones first."""
    return [
        (node, field)
        for node in ast.walk(tree)
        for field in BODIES
        if isinstance(getattr(node, field, None), list) and getattr(node, field)
    ]


def removals(tree):
    """Edits that remove runs of statements, long runs first."""
    edits = []
    for node, field in statement_lists(tree):
        length = len(getattr(node, field))
        size = length
        while size:
            for start in range(0, length, size):
                edits.append(lambda node=node, field=field, start=start, size=size: remove(node, field, start, size))
            size //= 2
    return edits


def remove(node, field, start, size):
    statements = getattr(node, field)
    del statements[start : start + size]
    if not statements and field == "body" and not isinstance(node, ast.Module):
        statements.append(ast.Pass())
    if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
        node.finalbody = [ast.Pass()]


def unwrappings(tree):
    """Edits that replace a compound statement by one of its parts."""
    edits = []
    for node, field in statement_lists(tree):
        for index, statement in enumerate(getattr(node, field)):
            for part in BODIES:
                inner = getattr(statement, part, None)
                if isinstance(inner, list) and inner and not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                    if part == "handlers":
                        inner = inner[0].body
                    edits.append(lambda node=node, field=field, index=index, inner=inner: splice(node, field, index, inner))
    return edits


def splice(node, field, index, inner):
    getattr(node, field)[index : index + 1] = inner


def simplifications(tree):
    """Edits that replace an expression by an operand or a constant, drop arguments, and shrink numbers."""
    edits = []
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and not isinstance(getattr(value, "ctx", None), (ast.Store, ast.Del)):
                for new in replacements(value):
                    edits.append(lambda node=node, field=field, new=new: setattr(node, field, new))
            elif isinstance(value, list) and field in ("args", "elts", "values", "defaults", "keywords", "names", "comparators"):
                for index, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        for new in replacements(item):
                            edits.append(lambda value=value, index=index, new=new: value.__setitem__(index, new))
                    edits.append(lambda value=value, index=index: value.pop(index))
    return edits


def replacements(expression):
    """Simpler expressions to try in the place of this one."""
    if isinstance(expression, ast.Constant):
        number = expression.value
        if isinstance(number, int) and not isinstance(number, bool) and abs(number) > 2:
            return [ast.Constant(number // 2)]
        return []
    children = [child for child in ast.iter_child_nodes(expression) if isinstance(child, ast.expr)]
    if isinstance(expression, ast.Call):
        # Not the function itself: the repr() of a function has an address in it.
        children = list(expression.args)
    if isinstance(expression, (ast.Name, ast.Attribute)):
        return []
    return [child for child in children if not isinstance(child, ast.Starred)] + [ast.Constant(1), ast.Constant(0.5)]
