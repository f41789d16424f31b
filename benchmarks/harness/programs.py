"""Which programs there are, and what each says about itself.

A program is a Python file with a docstring and literal constants at its top level, which are read without running it:

    SCALE = 5_000_000      the size it is measured at
    SMALL = 20_000         the size that --check runs it at (without it: SCALE)
    REPEATS = 10           calls of main(scale) per process (without it: 8)
    KIND = "whole"         it has no main(): it is run as a whole process, with the scale as its argument

A program may have `prepare(scale)`, which is called once, before the first call of main, and is not timed.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from .errors import HarnessError

FOLDER = Path(__file__).resolve().parent.parent / "programs"
DEFAULT_REPEATS = 8


@dataclass(frozen=True)
class Program:
    """A benchmark program. `whole` programs are measured from outside only and have no `first` and `steady`.

    `benchmark` is the name of pyperformance's benchmark that it is (see pyperformance.py), which is run with `arguments`
    and finds modules in `packages` too. Its scale is the number of loops.
    """

    name: str
    path: Path
    title: str
    whole: bool
    scale: int
    small: int
    repeats: int
    benchmark: str | None = None
    arguments: tuple = ()
    packages: tuple = ()


def read(path):
    """Reads a program's description from its file; raises HarnessError when it is no benchmark program."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, SyntaxError) as error:
        raise HarnessError(f"cannot read the program {path}: {error}") from error
    constants = {}
    functions = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            if isinstance(node.value, ast.Constant):
                constants.setdefault(node.targets[0].id, node.value.value)
        elif isinstance(node, ast.FunctionDef):
            functions.add(node.name)
    docstring = ast.get_docstring(tree)
    whole = constants.get("KIND") == "whole"
    if not docstring:
        raise HarnessError(f"{path} has no docstring: it has to say what the program measures")
    if not isinstance(constants.get("SCALE"), int):
        raise HarnessError(f"{path} has no `SCALE = <int>` at its top level: the harness takes the size from there")
    if not whole and "main" not in functions:
        raise HarnessError(f'{path} has no `def main(scale)`; a program without one needs `KIND = "whole"`')
    scale = constants["SCALE"]
    return Program(
        name=path.stem,
        path=path,
        title=docstring.splitlines()[0],
        whole=whole,
        scale=scale,
        small=constants.get("SMALL", scale),
        repeats=1 if whole else constants.get("REPEATS", DEFAULT_REPEATS),
    )


def all_programs():
    """Every program of benchmarks/programs, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.py"))]


def select(names):
    """The programs with the given names (or paths of other files), in that order; all of them for an empty list."""
    if not names:
        return all_programs()
    known = {path.stem: path for path in FOLDER.glob("*.py")}
    chosen = []
    for name in names:
        path = Path(name)
        if name in known:
            chosen.append(read(known[name]))
        elif path.is_file():
            chosen.append(read(path.resolve()))
        else:
            raise HarnessError(f"there is no program `{name}`; known are: {', '.join(sorted(known))}; or give a file")
    duplicates = {program.name for program in chosen if sum(program.name == other.name for other in chosen) > 1}
    if duplicates:
        raise HarnessError(f"given twice: {', '.join(sorted(duplicates))}")
    return chosen
