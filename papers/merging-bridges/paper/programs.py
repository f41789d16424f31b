"""The measured programs: loops with `k` branches that are independent of each other and follow the data.

A program is text, made from a `Case`. It reads no files and imports `random` only; each defines `table(count)`, which makes
the rows, and `main(rows)`, which is measured and returns a sum that all interpreters must agree on.
"""

from dataclasses import dataclass

SEED = 20260101


@dataclass(frozen=True)
class Case:
    """One program: what its branches ask, how many there are, and how likely each goes one way."""

    kind: str
    branches: int
    chance: float = 0.5

    @property
    def name(self):
        return f"{self.kind}-{self.branches}-{self.chance}"


def source(case):
    """The program's text."""
    return KINDS[case.kind](case.branches, case.chance)


def defaults(branches, chance):
    """Parameters that may be None, and then are replaced: `if x is None: x = constant`."""
    parameters = ", ".join(f"x{n}=None" for n in range(branches))
    lines = [f"def work({parameters}):"]
    for n in range(branches):
        lines += [f"    if x{n} is None:", f"        x{n} = {n + 0.5}"]
    lines.append("    return " + " + ".join(f"x{n}" for n in range(branches)))
    return "\n".join([rows_of_none(branches, chance), *lines, LOOP])


def types(branches, chance):
    """Operands that are ints, floats or strings: which code an operator needs depends on the data."""
    del chance
    parameters = ", ".join(f"x{n}, y{n}" for n in range(branches))
    lines = [f"def work({parameters}):", "    hits = 0"]
    for n in range(branches):
        lines.append(f"    hits += x{n} + x{n} < y{n}")
    lines.append("    return hits")
    make = f"""
import random


def pair(source):
    kind = source.randrange(3)
    x, y = source.randrange(1000), source.randrange(2000)
    if kind == 0:
        return x, y
    if kind == 1:
        return x / 8, y / 8
    return str(x), str(y)


def table(count):
    source = random.Random({SEED})
    return [sum((pair(source) for _ in range({branches})), ()) for _ in range(count)]

"""
    return "\n".join([make, *lines, LOOP])


def nested(branches, chance):
    """As `defaults`, with every other branch in a loop of three passes inside of the loop over the rows."""
    inner = range(branches // 2, branches)
    parameters = ", ".join(f"x{n}" for n in range(branches))
    lines = [f"def work({parameters}):"]
    for n in range(branches // 2):
        lines += [f"    if x{n} is None:", f"        x{n} = {n + 0.5}"]
    lines += ["    result = " + (" + ".join(f"x{n}" for n in range(branches // 2)) or "0.0"), "    for turn in range(3):"]
    for n in inner:
        lines += [f"        if x{n} is None:", f"            y{n} = {n + 0.5}"]
        lines += ["        else:", f"            y{n} = x{n} * turn"]
    lines += ["        result += " + " + ".join(f"y{n}" for n in inner), "    return result"]
    return "\n".join([rows_of_none(branches, chance), *lines, LOOP])


def rows_of_none(branches, chance):
    return f"""
import random


def table(count):
    source = random.Random({SEED})
    return [tuple(None if source.random() < {chance} else source.random() for _ in range({branches})) for _ in range(count)]

"""


LOOP = """

def main(rows):
    total = 0.0
    for row in rows:
        total += work(*row)
    return total
"""

KINDS = {"defaults": defaults, "types": types, "nested": nested}
