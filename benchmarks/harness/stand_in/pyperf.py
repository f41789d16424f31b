"""A stand-in for the module `pyperf`, as far as pyperformance's programs use it.

The harness puts this folder in front of a program's module path, and says in the environment what is wanted:

    BENCH_NAME      the one benchmark of the program that is to run; the others are passed over
    BENCH_LOOPS     how often one timed call does the benchmark's work
    BENCH_REPEATS   how many timed calls there are

The report is that of child.py: a line `@bench time SECONDS` for each call, `@bench value TEXT` with what can be compared
between interpreters (the results, and the plain data in the program's globals at the end), and `@bench peak KIB`.
"""

import argparse
import os
import sys
from time import perf_counter

DEEP = 8
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
        times, results = [], []
        for _ in range(int(os.environ["BENCH_REPEATS"])):
            time, result = call(loops)
            times.append(time)
            results.append(plain(result))
        report(times, results)


def plain(value, depth=0):
    """Text of a value that is the same under every interpreter: no addresses, no order of sets.

    Instances are told by their class and attributes, down to a depth; functions, modules and classes by their kind only.
    """
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if depth == DEEP:
        return "..."
    if isinstance(value, (list, tuple)):
        return type(value).__name__ + "(%s)" % ", ".join([plain(each, depth + 1) for each in value])
    if isinstance(value, (set, frozenset)):
        return type(value).__name__ + "{%s}" % ", ".join(sorted(plain(each, depth + 1) for each in value))
    if isinstance(value, dict):
        parts = [plain(key, depth + 1) + ": " + plain(each, depth + 1) for key, each in value.items()]
        return type(value).__name__ + "{%s}" % ", ".join(sorted(parts))
    kind = type(value).__name__
    if type(value).__module__ == "__main__" and not isinstance(value, type):
        names = set(getattr(value, "__dict__", ()))
        for each in type(value).__mro__:
            slots = each.__dict__.get("__slots__", ())
            names.update((slots,) if isinstance(slots, str) else slots)
        parts = [name + "=" + plain(getattr(value, name, "unset"), depth + 1) for name in sorted(names)]
        return "%s(%s)" % (kind, ", ".join(parts))
    return kind


def data_of_globals():
    """The plain data in the program's globals, for what a benchmark computes and does not return.

    Bools are left out: they tell which interpreter it is.
    """
    parts = []
    for name, value in sorted(sys.modules["__main__"].__dict__.items()):
        if not name.startswith("__") and isinstance(value, DATA) and not isinstance(value, bool):
            parts.append(name + "=" + plain(value, DEEP - 3))
    return parts


def report(times, results):
    """Writes the lines that the harness reads."""
    lines = ["@bench time %r" % time for time in times]
    lines.append("@bench value " + "; ".join(results + data_of_globals()))
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            lines += ["@bench peak " + line.split()[1] for line in file if line.startswith("VmHWM:")]
    except OSError:
        pass
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
