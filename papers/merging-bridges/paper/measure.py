"""Runs the programs under all interpreters, gathers the figures, and checks that all results agree.

Times are those of processors (`process_time`), so threads that compile beside the program count, and other processes on the
machine disturb less. Rounds are interleaved: each runs every interpreter once, and the fastest of a figure counts.
"""

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

from . import programs

CHILD = Path(__file__).with_name("child.py")
TIMEOUT = 600


class PaperError(Exception):
    """What is wrong, for the user."""


def run(words, case, size, environment=None):
    """One process; what `child.py` printed, and the rest of its output."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(programs.source(case), encoding="utf-8")
        command = [*words, str(CHILD), str(path), str(size.rows), str(size.passes)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT, env={**os.environ, **(environment or {})}
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        last = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        raise PaperError(f"{' '.join(words)} on {case.name}: status {done.returncode}: {last}")
    return json.loads(lines[0]), done.stdout + done.stderr


def measure(interpreters, case, size, rounds):
    """The figures of a program by interpreter. Raises PaperError when one computes something else."""
    found, expected = {}, None
    for turn in range(rounds):
        order = list(interpreters)
        for interpreter in order[turn % len(order) :] + order[: turn % len(order)]:
            figures, _ = run(interpreter.words, case, size)
            results = figures.pop("results")
            expected = expected or results[0]
            if any(result != expected for result in results):
                raise PaperError(f"{interpreter.name} on {case.name}: {results}, where others have {expected}")
            times = times_of(figures["cpu"])
            best = found.setdefault(interpreter.name, times)
            found[interpreter.name] = {key: min(best[key], value) for key, value in times.items()}
    for interpreter in interpreters:
        found[interpreter.name] |= counts(interpreter, case, size, expected)
    return found


def times_of(cpu):
    """The first pass, all of them, and one when all is warm: the median of the last third."""
    last = cpu[-max(1, len(cpu) // 3) :]
    return {"first": cpu[0], "total": sum(cpu), "steady": median(last)}


def counts(interpreter, case, size, expected):
    """What the JIT did, from a run of its own."""
    if interpreter.kind == "tjit":
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.jsonl"
            figures, _ = run(interpreter.words, case, size, {"TJIT_LOG": str(log)})
            found = from_log([json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()])
    elif interpreter.kind == "pypy":
        figures, output = run(interpreter.words, case, size, {"PYPYLOG": "jit-summary:-"})
        found = from_summary(output, figures.get("code_bytes"))
    else:
        return {}
    if any(result != expected for result in figures["results"]):
        raise PaperError(f"{interpreter.name} on {case.name}, with its log: {figures['results']}, not {expected}")
    return found


def from_log(events):
    """The figures of tjit's event log (docs/event-log.md), of the traces that begin in the program's `main` and `work`."""
    compiled = [event for event in events if event["event"] == "trace-compiled" and is_measured(event)]
    ids = {event["trace"] for event in compiled}
    regions = [event for event in events if event["event"] == "region-compiled" and event["trace"] in ids]
    kinds = Counter(event["kind"] for event in compiled)
    refused = Counter(event["reason"] for event in events if event["event"] == "loop-refused")
    spent = sum(sum(event[f"{part}_micros"] for part in ("recording", "optimising", "codegen")) for event in compiled)
    last = {event["trace"]: event for event in regions}.values()
    bytes_of = lambda some: sum(event["code_bytes"] for event in some)
    return {
        "bridges": kinds["bridge"],
        "joins": kinds["join"],
        "roots": kinds["loop"] + kinds["function"],
        "operations": sum(event["ops_after"] for event in compiled),
        "code_bytes": bytes_of(compiled) + bytes_of(regions),
        "compiling": (spent + sum(event["codegen_micros"] for event in regions)) / 1e6,
        "regions": len(regions),
        "region_bytes": bytes_of(last),
        "region_blocks": sum(event["blocks"] for event in last),
        "selects": sum(event["selects"] for event in last),
        "deepest": deepest(events, ids),
        "refused": dict(refused),
    }


def is_measured(event):
    return event["place"]["file"].endswith("program.py") and event["place"]["function"] in ("main", "work")


def deepest(events, ids):
    """How many bridges there are below the guard that has most of them."""
    started = {event["trace"]: event for event in events if event["event"] == "trace-started"}
    below = Counter()
    for trace in ids:
        bridge = started[trace]["kind"] == "bridge"
        source = started[trace].get("from")
        while source and bridge:
            below[source["trace"], source["exit"]] += 1
            source = started[source["trace"]].get("from")
    return max(below.values(), default=0)


def from_summary(text, code_bytes):
    """The figures of PyPy's `jit-summary`."""

    def number(label, group=1):
        match = re.search(rf"^{re.escape(label)}:?\s+([\d.]+)(?:\s+([\d.]+))?", text, re.MULTILINE)
        if match is None:
            raise PaperError(f"PyPy's summary has no `{label}`")
        return float(match[group])

    return {
        "bridges": int(number("Total # of bridges")),
        "roots": int(number("Total # of loops")),
        "operations": int(number("opt ops")),
        "code_bytes": code_bytes,
        "compiling": number("Tracing", 2) + number("Backend", 2),
    }
