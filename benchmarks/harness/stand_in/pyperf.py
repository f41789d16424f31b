"""A stand-in for the module `pyperf`, as far as pyperformance's programs use it.

The harness puts this folder in front of a program's module path, and says in the environment what is wanted:

    BENCH_NAME      the one benchmark of the program that is to run; the others are passed over
    BENCH_LOOPS     how often one timed call does the benchmark's work
    BENCH_REPEATS   how many timed calls there are
    BENCH_COMPARE   0 when nothing is to be compared

The report is that of child.py: a line `@bench time SECONDS` for each call, `@bench value TEXT` with what can be compared
between interpreters (the last result, and the plain data in the program's globals, as much as PIECES allows), and `@bench peak KIB`.
"""

import argparse
import os
import sys
from time import perf_counter

DEEP = 6
PIECES = 3000
DATA = (int, float, complex, str, bytes, list, tuple, set, dict)


def python_implementation():
    """The interpreter's name, in small letters."""
    return sys.implementation.name


class Runner:
    """What a program makes to have its benchmarks run."""

    def __init__(self, **_options):
        self.metadata = {}
        self.argparser = argparse.ArgumentParser()
        self.options = None

    def parse_args(self, arguments=None):
        """The program's own options."""
        if self.options is None:
            self.options = self.argparser.parse_args(arguments)
        return self.options

    def bench_func(self, name, function, *arguments, inner_loops=None):
        """Times `function(*arguments)`; what it returns is compared."""

        def call(loops):
            start = perf_counter()
            for _ in range(loops):
                result = function(*arguments)
            return perf_counter() - start, result

        self.measure(name, call)

    def bench_time_func(self, name, function, *arguments, inner_loops=None):
        """Calls `function(loops, *arguments)`, which returns the seconds that it took."""
        self.measure(name, lambda loops: (function(loops, *arguments), None))

    def bench_async_func(self, name, function, *arguments, inner_loops=None):
        """Times the coroutine that `function(*arguments)` makes, each in an event loop of its own."""
        import asyncio

        def call(loops):
            start = perf_counter()
            for _ in range(loops):
                result = asyncio.run(function(*arguments))
            return perf_counter() - start, result

        self.measure(name, call)

    def measure(self, name, call):
        """All timed calls of one benchmark, and the report about them, when it is the one that is wanted."""
        if name != os.environ["BENCH_NAME"]:
            return
        self.parse_args()
        loops = int(os.environ["BENCH_LOOPS"])
        times = []
        for _ in range(int(os.environ["BENCH_REPEATS"])):
            time, result = call(loops)
            times.append(time)
        compared = []
        if os.environ["BENCH_COMPARE"] != "0":
            compared = [Description().of(result), *data_of_globals()]
        report(times, compared)


class Description:
    """Text of values that is the same under every interpreter: no addresses, no order of sets.

    Instances are told by their class and attributes, functions, modules and classes by their kind only. What is too deep, or
    comes after PIECES, is left out: describing it takes time in a process that is measured.
    """

    def __init__(self):
        self.left = PIECES

    def of(self, value, depth=0):
        """The text of one value."""
        self.left -= 1
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            return repr(value)
        if depth == DEEP or self.left < 0:
            return "..."
        name = type(value).__name__
        if isinstance(value, (list, tuple)):
            return name + "(%s)" % self.several(value, depth)
        if isinstance(value, (set, frozenset)):
            # Which ones come first is not the same everywhere.
            parts = ["%d elements" % len(value)] if len(value) > self.left else sorted(self.of(each) for each in value)
            return name + "{%s}" % ", ".join(parts)
        if isinstance(value, dict):
            return name + "{%s}" % self.several(value.items(), depth)
        if type(value).__module__ != "__main__" or isinstance(value, type):
            return name
        names = set(getattr(value, "__dict__", ()))
        for each in type(value).__mro__:
            slots = each.__dict__.get("__slots__", ())
            names.update((slots,) if isinstance(slots, str) else slots)
        return name + "(%s)" % self.several([(name, getattr(value, name, None)) for name in sorted(names)], depth)

    def several(self, values, depth):
        """The texts of values, one after the other, as far as they may be told."""
        parts = []
        for each in values:
            if self.left <= 0:
                parts.append("... %d in all" % len(values))
                break
            parts.append(self.of(each, depth + 1))
        return ", ".join(parts)


def data_of_globals():
    """The plain data in the program's globals, for what a benchmark computes and does not return.

    Bools are left out: they tell which interpreter it is.
    """
    description = Description()
    parts = []
    for name, value in sorted(sys.modules["__main__"].__dict__.items()):
        if not name.startswith("__") and isinstance(value, DATA) and not isinstance(value, bool):
            parts.append(name + "=" + description.of(value))
    return parts


def report(times, compared):
    """Writes the lines that the harness reads."""
    lines = ["@bench time %r" % time for time in times]
    lines.append("@bench value " + "; ".join(compared))
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            lines += ["@bench peak " + line.split()[1] for line in file if line.startswith("VmHWM:")]
    except OSError:
        pass
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
