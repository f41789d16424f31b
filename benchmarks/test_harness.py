"""Tests of the harness: `python3 -m unittest discover -s benchmarks` (no interpreter but the running one is needed)."""

import json
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import events, interpreters, plan, process, programs, pyperformance, results, table  # noqa: E402
from harness.errors import HarnessError  # noqa: E402

HERE = interpreters.Interpreter("here", (sys.executable,), "this one")
PROGRAM = '"""Adds."""\nSCALE = 10\nSMALL = 2\nREPEATS = 3\n\n\ndef main(scale=SCALE):\n    return sum(range(scale))\n'
WHOLE = '"""Prints."""\nimport sys\nKIND = "whole"\nSCALE = 7\nprint("scale", sys.argv[1])\n'


class Programs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, text):
        path = Path(self.folder.name) / "program.py"
        path.write_text(text)
        return path

    def test_description_is_read_without_running(self):
        program = programs.read(self.write(PROGRAM + "raise SystemExit\n"))
        self.assertEqual((program.title, program.scale, program.small, program.repeats), ("Adds.", 10, 2, 3))
        whole = programs.read(self.write(WHOLE))
        self.assertEqual((whole.whole, whole.small, whole.repeats), (True, 7, 1))

    def test_what_is_no_program_is_refused(self):
        for text in ("def main(scale): pass\n", '"""Doc."""\ndef main(scale): pass\n', '"""Doc."""\nSCALE = 1\n', "def"):
            with self.assertRaises(HarnessError):
                programs.read(self.write(text))
        with self.assertRaisesRegex(HarnessError, "leibniz_pi"):
            programs.select(["leibnitz"])

    def test_every_program_of_the_repository_is_sound(self):
        self.assertGreaterEqual(len(programs.all_programs()), 20)

    def test_process_reports_each_call(self):
        sample = process.run(HERE, programs.read(self.write(PROGRAM)), 10, 3, 60)
        self.assertIsNone(sample.error)
        self.assertEqual((sample.output, len(sample.times)), ("45", 3))
        self.assertGreater(sample.total, sum(sample.times))
        self.assertGreater(sample.peak, 0)

    def test_whole_process_gets_the_scale(self):
        sample = process.run(HERE, programs.read(self.write(WHOLE)), 5, 1, 60)
        self.assertEqual((sample.error, sample.output, sample.times), (None, "scale 5\n", []))

    def test_failures_are_told(self):
        cases = {
            PROGRAM.replace("sum(", "undefined("): "NameError",
            PROGRAM.replace("return", "raise SystemExit(3)\n    return"): "status 3",
            PROGRAM.replace("    return", "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n    return"): "signal 9",
            PROGRAM.replace("return sum(range(scale))", "SEEN.append(1)\n    return len(SEEN)\n\n\nSEEN = []"): "call 2",
        }
        for text, expected in cases.items():
            sample = process.run(HERE, programs.read(self.write(text)), 10, 3, 60)
            self.assertIn(expected, sample.error or "no error")

    def test_timeout_ends_the_process(self):
        text = PROGRAM.replace("return", "while True: pass\n    return")
        self.assertIn("longer than", process.run(HERE, programs.read(self.write(text)), 1, 1, 0.3).error)


# A program in the form of pyperformance's, with a benchmark that returns something, one that tells its time, a coroutine.
SUITE_PROGRAM = """
import pyperf

SEEN = {}


class Point:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


def returns(x):
    print("printed")
    return Point(x)


def times(loops, x):
    SEEN[x] = SEEN.get(x, 0) + loops
    return 0.25


async def waits(x):
    return x


if __name__ == "__main__":
    runner = pyperf.Runner(add_cmdline_args=None)
    runner.metadata["description"] = "a test"
    runner.argparser.add_argument("--x", type=int, default=1)
    options = runner.parse_args()
    runner.bench_func("nbody", returns, options.x)
    runner.bench_time_func("scimark_lu", times, options.x, inner_loops=10)
    runner.bench_async_func("generators", waits, options.x)
"""


class Suite(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "suite"
        for program in ("nbody", "scimark", "generators"):
            path = self.root / pyperformance.WITHIN / f"bm_{program}" / "run_benchmark.py"
            path.parent.mkdir(parents=True)
            path.write_text(SUITE_PROGRAM)

    def run_benchmark(self, name, loops=2, repeats=3):
        (program,) = pyperformance.select([name], str(self.root), None)
        self.assertEqual((program.name, program.whole), (name, False))
        return process.run(HERE, program, loops, repeats, 60)

    def test_results_and_prints_are_compared(self):
        sample = self.run_benchmark("nbody", 1, 2)
        self.assertIsNone(sample.error)
        self.assertEqual(sample.output, "Point(tuple('x', 1)); SEEN=dict{}\nprinted\nprinted")
        self.assertEqual(len(sample.times), 2)
        self.assertGreater(sample.peak, 0)

    def test_times_that_are_told_are_taken_and_globals_compared(self):
        sample = self.run_benchmark("scimark_lu")
        self.assertEqual((sample.error, sample.times), (None, [0.25] * 3))
        self.assertIn("SEEN=dict{tuple(1, 6)}", sample.output)

    def test_coroutines_are_run(self):
        self.assertTrue(self.run_benchmark("generators").output.startswith("1; "))

    def test_long_output_is_told_by_its_digest(self):
        sample = self.run_benchmark("nbody", 50, 3)
        self.assertRegex(sample.output, r"^1\d+ characters, SHA-256 [0-9a-f]{64}$")

    def test_an_archive_is_unpacked(self):
        archive = self.root.parent / "suite.tar.gz"
        with tarfile.open(archive, "w:gz") as file:
            file.add(self.root, "pyperformance-0")
        scratch = self.root.parent / "scratch"
        (program,) = pyperformance.select(["nbody"], str(archive), str(scratch))
        self.assertTrue(program.path.is_relative_to(scratch))

    def test_wrong_use_is_refused(self):
        for names, source in ((["nbodi"], self.root), (["go"], self.root), ([], self.root.parent / "none"), ([], __file__)):
            with self.assertRaises(HarnessError):
                pyperformance.select(names, str(source), str(self.root / "scratch"))


class Events(unittest.TestCase):
    place = {"file": "/a/f.py", "function": "f", "line": 3, "column": 1, "end_line": 3, "end_column": 9}

    def read(self, *lines):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log"
            path.write_text("".join(json.dumps(line) + "\n" for line in ({"event": "run", "version": 1}, *lines)))
            return events.read(path)

    def exit(self, number, count):
        return {"from": {"trace": 1, "exit": number}, "kind": "guard-true", "place": self.place, "count": count}

    def totals(self, *exits):
        times = {"interpreter_micros": 60, "recording_micros": 5, "compiling_micros": 15, "compiled_micros": 20}
        return {"event": "totals", "times": times, "entries": 7, "exits": list(exits)}

    def test_shares_and_the_largest_exit_without_a_bridge(self):
        attached = {"event": "bridge-attached", "from": {"trace": 1, "exit": 4}, "to": 2}
        found = self.read(attached, self.totals(self.exit(3, 10), self.exit(4, 90), self.exit(5, 20)))
        self.assertEqual((found["shares"]["compiled"], found["entries"]), (0.2, 7))
        self.assertEqual(found["exit"], {"kind": "guard-true", "place": "f.py:3 in f", "count": 20})
        self.assertIsNone(found["stopped"])

    def test_aborts_count_unless_the_loop_was_compiled_in_the_end(self):
        other = self.place | {"line": 8}
        lines = []
        for trace, header in enumerate((self.place, other, other, other)):
            lines.append({"event": "trace-started", "trace": trace, "place": header})
            reason = {"reason": "bigint", "detail": "add", "place": header}
            lines.append({"event": "trace-aborted", "trace": trace, **reason})
        told = self.read(*lines, self.totals())["stopped"]
        self.assertEqual(told, {"reason": "bigint", "what": "add", "place": "f.py:8 in f", "times": 3})
        compiled = {"event": "trace-compiled", "trace": 9, "place": other}
        self.assertEqual(self.read(*lines, compiled, self.totals())["stopped"]["place"], "f.py:3 in f")

    def test_a_log_that_was_cut_off_tells_nothing(self):
        self.assertIsNone(self.read())
        self.assertIsNone(events.read(Path("/no/such/log")))

    def test_costs_are_a_table(self):
        told = self.read(self.totals(self.exit(3, 10)))
        result = {"programs": [{"name": "p", "events": {"tjit": told}}, {"name": "q"}]}
        header, body = table.costs(result)
        self.assertEqual(body, [["p", "tjit", "20 %", "20 %", "7", "10 x guard-true, f.py:3 in f", ""]])
        self.assertEqual(len(header), len(body[0]))


class Interpreters(unittest.TestCase):
    def test_command_is_split_and_asked_for_its_version(self):
        found = interpreters.parse("a b=%s -s -E" % sys.executable)
        self.assertEqual((found.name, found.command[1:]), ("a b", ("-s", "-E")))
        self.assertEqual(found.version, " ".join(sys.version.split()))

    def test_wrong_ones_are_refused(self):
        for text in ("python3", "=python3", "x=", "x=/no/such/file", "x=/bin/false", 'x="'):
            with self.assertRaises(HarnessError):
                interpreters.parse(text)
        with self.assertRaises(HarnessError):
            interpreters.parse_all(["x=" + sys.executable] * 2)


class Figures(unittest.TestCase):
    program = programs.Program("p", Path("p.py"), "P.", False, 1, 1, 4)

    def sample(self, total, *times, output="1", error=None):
        return process.Sample(total, list(times), output, 1 << 20, error)

    def test_first_steady_total(self):
        samples = [self.sample(9.0, 5.0, 3.0, 1.0, 2.0), self.sample(8.0, 4.0, 3.0, 1.0, 1.0)]
        found = results.measures(self.program, samples)
        self.assertEqual(found["first"], {"median": 4.5, "min": 4.0, "max": 5.0})
        self.assertEqual(found["steady"], {"median": 1.25, "min": 1.0, "max": 1.5})
        self.assertEqual(found["total"], {"median": 8.5, "min": 8.0, "max": 9.0})

    def summary(self, *outputs):
        samples = {name: [self.sample(2.0 + i, 1.0, 2.0 + i, output=text)] for i, (name, text) in enumerate(outputs)}
        return results.summarise(self.program, 1, 2, samples, outputs[0][0])

    def test_ratio_is_above_one_for_what_is_faster_than_the_reference(self):
        found = self.summary(("slow", "1"), ("slower", "1"))
        self.assertEqual(found["measures"]["slower"]["steady"]["ratio"], 2 / 3)
        self.assertTrue(found["agree"])

    def test_disagreement_is_told(self):
        found = self.summary(("a", "1"), ("b", "2"))
        self.assertFalse(found["agree"])
        lines = table.problems({"interpreters": [1, 2], "programs": [found]})
        self.assertEqual(len(lines), 2)
        self.assertTrue(all(line.startswith("DIFFERS: p under ") for line in lines))

    def test_a_failed_process_has_no_figures(self):
        self.assertEqual(results.measures(self.program, [self.sample(1.0, error="why")]), {"error": "why"})

    def test_seconds_have_three_digits(self):
        texts = [table.seconds(value) for value in (12.345, 1.2345, 0.12345, 0.0123456, 0.00000123, 2e-9)]
        self.assertEqual(texts, ["12.3 s", "1.23 s", "123 ms", "12.3 ms", "1.23 µs", "2.00 ns"])

    def test_rounds_are_rotated(self):
        self.assertEqual([plan.rotated("abc", n) for n in range(4)], ["abc", "bca", "cab", "abc"])


if __name__ == "__main__":
    unittest.main()
