"""Runs inside the measured process: calls a program's `main(scale)` several times and reports each time.

    INTERPRETER child.py PROGRAM REPEATS SCALE

Writes lines `@bench KEY VALUE` on standard output after everything is done:

    @bench time 0.0123          seconds of one call, in order, one line a call
    @bench value 'repr'         repr() of what the first call returned
    @bench differs 3 'repr'     call number 3 returned something else
    @bench peak 12345           peak resident memory in KiB, where /proc tells it

It imports as little as it can, since its start-up is part of every measured process.
"""

import sys
from time import perf_counter


def load(path):
    with open(path, encoding="utf-8") as file:
        source = file.read()
    namespace = {"__name__": "benchmark", "__file__": path, "__builtins__": __builtins__}
    exec(compile(source, path, "exec"), namespace)
    return namespace


def peak_kib():
    """Peak resident memory of this process alone; wait4() reports at least that of the process that started it."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


def main():
    path, repeats, scale = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sys.argv[:] = [path]
    namespace = load(path)
    program = namespace["main"]
    if "prepare" in namespace:
        namespace["prepare"](scale)
    times = []
    values = []
    for _ in range(repeats):
        start = perf_counter()
        value = program(scale)
        times.append(perf_counter() - start)
        values.append(repr(value))
    out = ["@bench time %r" % time for time in times]
    out.append("@bench value %s" % values[0])
    for number, value in enumerate(values, 1):
        if value != values[0]:
            out.append("@bench differs %d %s" % (number, value))
    peak = peak_kib()
    if peak is not None:
        out.append("@bench peak %d" % peak)
    sys.stdout.write("\n".join(out) + "\n")
    sys.stdout.flush()


main()
