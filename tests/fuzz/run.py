"""Runs random programs with the JIT off, on and under stress, and compares what comes out.

    python3 tests/fuzz/run.py --tjit target/release/tjit --count 10000 --seed 1
    python3 tests/fuzz/run.py --tjit target/release/tjit --forever
    target/release/tjit run tests/fuzz/run.py --tjit target/release/tjit --count 300          (needs no python3)

Several programs share a process (--batch), several processes run at once (--jobs). When a batch differs, the program that is
to blame is found, run alone, saved, and reduced; the report says how to run it again. Exit status: 0 when nothing differed,
1 when something did, 2 for wrong use.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

import generate  # noqa: E402  (the path has to be set first)
from reduce import Reducer  # noqa: E402

# (With code that comes when it is ready, a failure could not be found again.)
WAIT = ["--compile-threads", "0"]
LOW = ["--threshold-loop", "12", "--threshold-function", "10", "--threshold-exit", "4"]
LATER = ["--threshold-loop", "40", "--threshold-function", "30", "--threshold-exit", "15"]
# The options that --jit=on gets in the first, second, third … batch, and then from the beginning again.
ON = [[*LOW, *WAIT], [*LOW, *WAIT, "--fuel", "7"], [*LATER, *WAIT], LOW, [*LOW, *WAIT, "--bridges=classic"]]


class Runner:
    """Knows the binary under test and how long a process may take."""

    def __init__(self, tjit, limit, more=()):
        self.tjit = tjit
        self.limit = limit
        self.more = more
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TJIT_"))}
        self.environment["PYTHONHASHSEED"] = "0"

    def outcome(self, source, options):
        """(status, stdout, stderr) of the source under these options; status is "timeout" when it took too long."""
        with tempfile.TemporaryDirectory(prefix="tjit-fuzz-") as folder:
            path = os.path.join(folder, "program.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
            # Files, not pipes: whatever the process does at its end, its output so far is there.
            with open(os.path.join(folder, "out"), "wb+") as out, open(os.path.join(folder, "err"), "wb+") as err:
                process = subprocess.Popen(
                    [self.tjit, "run", *options, path],
                    stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.environment, cwd=folder,
                )
                try:
                    status = process.wait(self.limit)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    status = "timeout"
                out.seek(0)
                err.seek(0)
                texts = [stream.read().decode("utf-8", "replace").replace(folder, "FOLDER") for stream in (out, err)]
        return status, texts[0], texts[1]

    def differs(self, source, options, aspect=None):
        """Whether the source does always the same with the JIT off, but something else with these options.

        `aspect` (0 status, 1 stdout, 2 stderr) says in what it has to differ; None: in anything.
        """
        off = self.outcome(source, ["--jit=off"])
        if off[0] == "timeout":
            return False
        other = self.outcome(source, options)
        if off == other or aspect is not None and off[aspect] == other[aspect]:
            return False
        return off == self.outcome(source, ["--jit=off"])


class Failure:
    """A program that does something else under `options` than with the JIT off."""

    def __init__(self, seed, variant, options, source, off, other):
        self.seed = seed
        self.variant = variant
        self.options = options
        self.source = source
        self.off = off
        self.other = other

    def aspect(self):
        """The first of status, stdout and stderr that differs; a smaller program has to differ in the same."""
        return next(index for index in range(3) if self.off[index] != self.other[index])


def variants(number, seed, more):
    """What batch number `number` is run with, to be compared with --jit=off: [(name, options)]. All have the options `more`.

    The seed of the batch is that of the stress mode too, so that other guards fail in each batch.
    """
    on = ["--jit=on", *ON[number % len(ON)]]
    stress = ["--jit=stress", "--stress-seed", str(seed)]
    return [(name, [*own, *(each for each in more if each not in own)]) for name, own in (("on", on), ("stress", stress))]


def run_batch(runner, number, seeds):
    """Runs one batch under all variants; the failures in it, as a list."""
    programs = [(seed, generate.program(seed)) for seed in seeds]
    source = generate.batch(programs)
    off = runner.outcome(source, ["--jit=off"])
    if off[0] == "timeout":
        # Numbers that grow too fast for anybody: nothing to compare with.
        return []
    if off[0] != 0 or "SyntaxError" in off[1]:
        name, text = "generator", "with the JIT off already: %s %s" % (off[0], off[2][-500:])
        return [Failure(seeds[0], name, ["--jit=off"], source, (0, "", ""), (off[0], off[1][-500:], text))]
    failures = []
    for name, options in variants(number, seeds[0], runner.more):
        other = runner.outcome(source, options)
        if other != off:
            failures.append(blame(runner, programs, name, options, off, other))
    return failures


def blame(runner, programs, name, options, off, other):
    """Finds the program of a batch that differs: alone if it does so alone, else with as few others as possible."""
    suspects = sections(off[1], other[1], [seed for seed, _ in programs])
    for seed, source in programs:
        if seed in suspects:
            alone = generate.batch([(seed, source)])
            if runner.differs(alone, options):
                return Failure(seed, name, options, alone, runner.outcome(alone, ["--jit=off"]), runner.outcome(alone, options))
    kept = list(programs)
    for entry in programs:
        fewer = [each for each in kept if each is not entry]
        if fewer and runner.differs(generate.batch(fewer), options):
            kept = fewer
    return Failure(kept[-1][0], name, options, generate.batch(kept), off, other)


def sections(left, right, seeds):
    """Seeds of the programs whose part of the output differs; a program whose part is missing comes first."""
    parts = [dict(part.split("\n", 1) for part in ("\n" + text).split("\n# program ")[1:] if "\n" in part) for text in (left, right)]
    return [seed for seed in seeds if parts[0].get(str(seed)) != parts[1].get(str(seed))] or seeds


def reduced(runner, failure, seconds):
    """A smaller program that still differs: a plain script if that will do, else in the form of a batch."""
    deadline = time.monotonic() + seconds
    differs = lambda text: runner.differs(text, failure.options, failure.aspect())
    namespace = {}
    exec(failure.source.split("\nimport traceback\n")[0], namespace)
    if len(namespace["PROGRAMS"]) == 1:
        source = namespace["PROGRAMS"][0][1]
        plain = Reducer(differs, deadline)
        if plain.interesting(source):
            return plain.reduce(source)
        wrap = lambda text: generate.batch([(failure.seed, text)])
        return wrap(Reducer(lambda text: differs(wrap(text)), deadline).reduce(source))
    return Reducer(differs, deadline).reduce(failure.source)


def first_difference(left, right):
    """A few lines of text about where two outcomes part."""
    lines = []
    if left[0] != right[0]:
        lines.append("  exit status %s with the JIT off, %s here" % (left[0], right[0]))
    for what, a, b in (("stdout", left[1], right[1]), ("stderr", left[2], right[2])):
        a, b = a.splitlines(), b.splitlines()
        for number in range(max(len(a), len(b))):
            x = a[number] if number < len(a) else "(nothing more)"
            y = b[number] if number < len(b) else "(nothing more)"
            if x != y:
                lines += ["  %s, line %d" % (what, number + 1), "    off:  " + x[:300], "    here: " + y[:300]]
                break
    return "\n".join(lines)


def report(runner, failure, options):
    """Saves and reduces a failing program, and prints what is to be known about it."""
    folder = Path(options.keep)
    folder.mkdir(parents=True, exist_ok=True)
    stem = "seed-%d-%s" % (failure.seed, failure.variant)
    original = folder / (stem + ".py")
    original.write_text(failure.source, encoding="utf-8")
    print("\nDIFFERENCE: program %d under `%s`" % (failure.seed, failure.variant))
    print(first_difference(failure.off, failure.other))
    print("  again: %s run %s %s" % (runner.tjit, " ".join(failure.options), original), flush=True)
    if failure.variant == "generator" or options.no_reduce:
        return
    small = reduced(runner, failure, options.reduce_seconds)
    path = folder / (stem + "-reduced.py")
    path.write_text(small if small.endswith("\n") else small + "\n", encoding="utf-8")
    print("  reduced to %d lines: %s" % (len(small.splitlines()), path))
    print(first_difference(runner.outcome(small, ["--jit=off"]), runner.outcome(small, failure.options)))
    print("".join("    | " + line + "\n" for line in small.splitlines()[:60]), end="", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tjit", required=True, help="the binary under test")
    add("--seed", type=int, help="the first program's seed (default: 1; with --forever: from the clock)")
    add("--count", type=int, default=300, help="how many programs (default: 300)")
    add("--forever", action="store_true", help="until Ctrl-C, or --failures differences")
    add("--batch", type=int, default=20, help="programs per process (default: 20)")
    add("--jobs", type=int, default=2, help="processes at once (default: 2)")
    add("--limit", type=float, default=120, help="seconds that one process may take (default: 120)")
    add("--option", action="append", default=[], metavar="OPTION",
        help="one more option of tjit for all runs with the JIT, as in --option=--bridges=classic; may be repeated")
    add("--failures", type=int, default=5, help="end after this many differences (default: 5)")
    add("--keep", default=str(HERE / "failures"), help="folder for failing programs (default: tests/fuzz/failures)")
    add("--no-reduce", action="store_true", help="only save failing programs")
    add("--reduce-seconds", type=float, default=300, help="time to reduce one program in (default: 300)")
    options = parser.parse_args(arguments)
    options.tjit = os.path.abspath(options.tjit)
    if not os.access(options.tjit, os.X_OK):
        parser.error("--tjit %s is no program that can be run; build it or mend the path" % options.tjit)
    if min(options.count, options.batch, options.jobs, options.failures) < 1:
        parser.error("--count, --batch, --jobs and --failures must be at least 1")
    if options.seed is None:
        options.seed = int(time.time()) * 1000 if options.forever else 1
    return options


def batches(options):
    """(number, seeds) of each batch, without end under --forever."""
    number = 0
    seed = options.seed
    end = None if options.forever else options.seed + options.count
    while end is None or seed < end:
        stop = seed + options.batch if end is None else min(seed + options.batch, end)
        yield number, range(seed, stop)
        seed = stop
        number += 1


def main(arguments):
    options = parse(arguments)
    runner = Runner(options.tjit, options.limit, options.option)
    print("programs from seed %d on, under %s" % (options.seed, options.tjit), flush=True)
    start = time.monotonic()
    done = failures = 0
    pending = batches(options)
    running = []
    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            while failures < options.failures:
                while len(running) < options.jobs + 1 and (entry := next(pending, None)) is not None:
                    running.append((len(entry[1]), pool.submit(run_batch, runner, *entry)))
                if not running:
                    break
                size, future = running.pop(0)
                for failure in future.result():
                    failures += 1
                    report(runner, failure, options)
                done += size
                if done % (options.batch * 25) == 0:
                    speed = done / (time.monotonic() - start)
                    print("%d programs, %d differences, %.1f programs/s" % (done, failures, speed), flush=True)
        except KeyboardInterrupt:
            print("ended by Ctrl-C")
            for _, future in running:
                future.cancel()
    print("%d programs, %d differences, %.0f s" % (done, failures, time.monotonic() - start))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
