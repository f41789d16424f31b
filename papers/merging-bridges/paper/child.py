"""Runs in the measured process: makes a program's rows, calls its `main` several times, prints what that took as JSON.

    INTERPRETER child.py PROGRAM ROWS PASSES

Under PyPy, its JIT is off while the rows are made, so that what it counts is the measured loop.
"""

import json
import sys
from time import perf_counter, process_time

try:
    import pypyjit
except ImportError:
    pypyjit = None


def main():
    path, rows, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    namespace = {"__name__": "program"}
    with open(path) as file:
        exec(compile(file.read(), path, "exec"), namespace)
    if pypyjit is not None:
        pypyjit.set_param("off")
    table = namespace["table"](rows)
    if pypyjit is not None:
        pypyjit.set_param("default")
    program = namespace["main"]
    cpu, wall, results = [], [], []
    for _ in range(passes):
        began, clock = process_time(), perf_counter()
        results.append(program(table))
        wall.append(perf_counter() - clock)
        cpu.append(process_time() - began)
    found = {"cpu": cpu, "wall": wall, "results": [repr(result) for result in results]}
    if pypyjit is not None:
        _, found["code_bytes"] = pypyjit.get_stats_asmmemmgr()
    print(json.dumps(found))


main()
