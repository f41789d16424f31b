"""The interpreters that programs are run under, as given on the command line.

    NAME=PATH [OPTION…]        --interp pypy=/usr/bin/pypy3
                               --interp "tjit-off=target/release/tjit run --jit=off"

The words are split as a shell does. A command whose only word is a file called `tjit` gets `run` added.
A command with a file called `tjit` in it writes event logs.
"""

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import HarnessError

VERSION_SCRIPT = Path(__file__).resolve().parent / "version.py"


@dataclass(frozen=True)
class Interpreter:
    """A name for tables, the words of the command that a script's path is added to, and what it says its version is."""

    name: str
    command: tuple
    version: str

    @property
    def logs(self):
        """Whether it writes event logs: whether it is tjit."""
        return os.path.basename(self.command[0]) == "tjit"


def parse(text):
    """Makes an Interpreter of `NAME=COMMAND`; runs it once to learn its version. Raises HarnessError."""
    name, equals, rest = text.partition("=")
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise HarnessError(f"--interp {text!r}: {error}") from error
    if not equals or not name.strip() or not words:
        raise HarnessError(f"--interp {text!r}: expected NAME=COMMAND, for example pypy=/usr/bin/pypy3")
    found = shutil.which(words[0])
    if found is None:
        raise HarnessError(f"--interp {text!r}: {words[0]} is no program that can be run; build it or mend the path")
    words[0] = os.path.abspath(found)
    if len(words) == 1 and os.path.basename(found) == "tjit":
        words.append("run")
    return Interpreter(name.strip(), tuple(words), version(name, words))


def version(name, words):
    """What `sys.version` is in the interpreter; raises HarnessError when it cannot even tell that."""
    try:
        done = subprocess.run([*words, str(VERSION_SCRIPT)], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HarnessError(f"the interpreter {name} does not run: {error}") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}, nothing on stderr"]
        raise HarnessError(f"the interpreter {name} fails at `{shlex.join(words)} version.py`: {lines[-1]}")
    return done.stdout.strip()


def parse_all(texts):
    """All interpreters; their names must differ."""
    result = []
    for text in texts:
        interpreter = parse(text)
        if any(interpreter.name == other.name for other in result):
            raise HarnessError(f"two interpreters are called `{interpreter.name}`; give each its own name")
        result.append(interpreter)
    return result
