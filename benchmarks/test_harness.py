"""Tests of the harness: `python3 -m unittest discover -s benchmarks` (no interpreter but the running one is needed)."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import interpreters, plan, process, programs, results, table  # noqa: E402
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
