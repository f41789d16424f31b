"""A run of the unittest module over a few hundred small tests.

What it measures: everyday Python with much library code and no loop that is hot for long: loading, fixtures, assertions,
sub-tests, skips, expected failures, output.
"""

import io
import sys
import unittest

KIND = "whole"
SCALE = 60
SMALL = 2


def make_case(number):
    class Case(unittest.TestCase):
        def setUp(self):
            self.values = list(range(number, number + 5))
            self.table = {str(value): value for value in self.values}

        def test_equal(self):
            self.assertEqual(sum(self.values), 5 * number + 10)
            self.assertEqual(sorted(self.table.values()), self.values)

        def test_raises(self):
            with self.assertRaises(KeyError):
                self.table["missing"]
            with self.assertRaisesRegex(ValueError, "invalid literal"):
                int("x%d" % number)

        def test_parts(self):
            for value in self.values:
                with self.subTest(value=value):
                    self.assertIn(str(value), self.table)

        def test_text(self):
            self.assertMultiLineEqual("\n".join(map(str, self.values)), "\n".join(self.table))

        @unittest.skip("shows that skips are counted")
        def test_skipped(self):
            self.fail("never runs")

        @unittest.expectedFailure
        def test_fails(self):
            self.assertAlmostEqual(number / 3, number, places=3, msg="differs unless zero")
            self.assertEqual(number, -1)

    Case.__name__ = Case.__qualname__ = "Case%d" % number
    return Case


def run(cases):
    loader = unittest.TestLoader()
    suite = unittest.TestSuite()
    for number in range(cases):
        suite.addTests(loader.loadTestsFromTestCase(make_case(number)))
    stream = io.StringIO()
    result = unittest.TextTestRunner(stream=stream, verbosity=2).run(suite)
    return result, stream.getvalue()


result, text = run(int(sys.argv[1]) if len(sys.argv) > 1 else SCALE)
print(
    result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(result.expectedFailures),
    text.count("... ok"),
)
