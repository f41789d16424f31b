"""The order of the processes: every program in N rounds, each round once under every interpreter.

Round 1 begins with the first interpreter, round 2 with the second, and so on, so that no interpreter always runs on a
machine that another one has just warmed up (or slowed down).
"""

import sys
import tempfile
import time
from pathlib import Path

from . import events, process


def rotated(items, by):
    by %= len(items)
    return items[by:] + items[:by]


class Progress:
    """One line on stderr that says what runs, rewritten in place on a terminal, printed per program elsewhere."""

    def __init__(self, total, quiet=False):
        self.total = total
        self.done = 0
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self.start = time.monotonic()

    def step(self, text):
        """Says that a process starts."""
        if self.live and not self.quiet:
            elapsed = time.monotonic() - self.start
            left = f", about {elapsed / self.done * (self.total - self.done):.0f} s left" if self.done else ""
            print(f"\r\033[K[{self.done + 1}/{self.total}] {text}{left}", end="", file=sys.stderr, flush=True)
        self.done += 1

    def say(self, text):
        """A line that stays."""
        if not self.quiet:
            print(f"\r\033[K{text}" if self.live else text, file=sys.stderr, flush=True)

    def end(self):
        if self.live and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def measure(program, interpreters, scale, repeats, rounds, timeout, progress):
    """All samples of one program: {interpreter's name: [Sample of each round]}.

    An interpreter that failed is not run again in later rounds (its one Sample tells why).
    """
    samples = {each.name: [] for each in interpreters}
    for number in range(rounds):
        for each in rotated(interpreters, number):
            progress.step(f"{program.name} under {each.name}, round {number + 1}")
            if any(sample.error for sample in samples[each.name]):
                continue
            sample = process.run(each, program, scale, repeats, timeout)
            samples[each.name].append(sample)
            if sample.error:
                progress.say(f"{program.name} under {each.name}: {sample.error}")
    return samples


def observe(program, interpreters, scale, repeats, timeout):
    """What the event logs tell of one more process each: {interpreter's name: see events.py}, of those that write one."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, each in enumerate(interpreters):
            log = Path(folder) / f"{number}.jsonl"
            sample = process.run(each, program, scale, repeats, timeout, log)
            told = None if sample.error else events.read(log)
            if told:
                found[each.name] = told
    return found
