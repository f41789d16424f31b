"""One measured process: started, waited for, its wall time and peak memory taken, its report read."""

import hashlib
import os
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

CHILD = Path(__file__).resolve().parent / "child.py"
STAND_IN = Path(__file__).resolve().parent / "stand_in"
LONGEST_OUTPUT = 200


@dataclass
class Sample:
    """What one process gave. Seconds and bytes; `error` is None when all went well.

    `total` is the wall time from before the start to after the end. `times` are the calls of main (empty for a whole
    program), `output` is what has to agree between interpreters: the repr of main's result, or all of standard output.
    """

    total: float = 0.0
    times: list = field(default_factory=list)
    output: str = ""
    peak: int = 0
    error: str | None = None


def run(interpreter, program, scale, repeats, timeout, log=None):
    """Runs `program` once under `interpreter`; never raises for what the process does, but says so in `Sample.error`.

    With `log`, tjit writes its event log there.
    """
    added = {"TJIT_LOG": str(log)} if log else {}
    if program.benchmark:
        command = [*interpreter.command, str(program.path), *program.arguments]
        added["PYTHONPATH"] = os.pathsep.join(map(str, (STAND_IN, *program.packages)))
        added |= {"BENCH_NAME": program.benchmark, "BENCH_LOOPS": str(scale), "BENCH_REPEATS": str(repeats)}
        added["BENCH_COMPARE"] = "0" if log else "1"
    elif program.whole:
        command = [*interpreter.command, str(program.path), str(scale)]
    else:
        command = [*interpreter.command, str(CHILD), str(program.path), str(repeats), str(scale)]
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        sample, status, expired = spawn(command, stdout, stderr, timeout, environment() | added)
        stdout.seek(0)
        stderr.seek(0)
        text = stdout.read().decode("utf-8", "replace")
        errors = stderr.read().decode("utf-8", "replace").strip().splitlines()
    if expired:
        sample.error = f"took longer than {timeout:g} s and was ended (--timeout)"
    elif status != 0:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        sample.error = f"ended with {how}: {errors[-1] if errors else 'nothing on stderr'}"
    elif program.whole:
        sample.output = text
    else:
        read_report(sample, text, repeats)
        if program.benchmark:
            add_printed(sample, text)
    return sample


def spawn(command, stdout, stderr, timeout, variables):
    """Runs the command in a session of its own; returns (sample, exit status or minus the signal, whether time was up)."""
    expired = threading.Event()
    sample = Sample()
    start = perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True, env=variables
    )

    def expire():
        expired.set()
        end(process.pid)

    timer = threading.Timer(timeout, expire)
    timer.start()
    try:
        # wait4 and not Popen.wait: only it tells this one process's resources.
        _, code, usage = os.wait4(process.pid, 0)
        sample.total = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(code)
    except BaseException:
        end(process.pid)
        process.wait()
        raise
    finally:
        timer.cancel()
    sample.peak = usage.ru_maxrss * 1024
    return sample, process.returncode, expired.is_set()


def environment():
    """The environment of measured processes: hashes fixed, no user's settings for Python or tjit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TJIT_", "PYPY"))}
    kept["PYTHONHASHSEED"] = "0"
    kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return kept


def end(pid):
    """Kills the session that a measured process leads."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def add_printed(sample, text):
    """Has what a pyperformance program printed compared too; what is long is told by its digest and its length."""
    printed = [line for line in text.splitlines() if not line.startswith("@bench ")]
    sample.output = "\n".join([sample.output, *printed])
    if len(sample.output) > LONGEST_OUTPUT:
        digest = hashlib.sha256(sample.output.encode()).hexdigest()
        sample.output = f"{len(sample.output)} characters, SHA-256 {digest}"


def read_report(sample, text, repeats):
    """Takes the child's `@bench` lines apart (see child.py)."""
    values = []
    for line in text.splitlines():
        if not line.startswith("@bench "):
            continue
        _, key, value = line.split(" ", 2)
        if key == "time":
            sample.times.append(float(value))
        elif key == "value":
            values.append(value)
        elif key == "differs" and sample.error is None:
            number, _, other = value.partition(" ")
            sample.error = f"call {number} of main returned {other}, the first one {values[0]}"
        elif key == "peak":
            sample.peak = int(value) * 1024
    if sample.error is None and (len(sample.times) != repeats or len(values) != 1):
        sample.error = f"reported {len(sample.times)} of {repeats} times: did the program end the process?"
    sample.output = values[0] if values else ""
