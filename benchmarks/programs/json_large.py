"""A large JSON document, written once, read once.

What it measures: a script whose time goes into library code, some of it native: the JIT must not be in the way.
"""

import json
import sys

KIND = "whole"
SCALE = 2_000
SMALL = 50


def record(number):
    return {
        "id": number,
        "name": "name %d \u00e9\u4e2d" % number,
        "flags": [number % 2 == 0, number % 3 == 0, None],
        "place": {"x": number / 8, "y": -number / 16, "text": "a\"b\\c\n" * (number % 5)},
        "parts": list(range(number % 17)),
    }


scale = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE
document = {"version": 1, "records": [record(number) for number in range(scale)]}
text = json.dumps(document, sort_keys=True, indent=1)
again = json.loads(text)
print(len(text), again == document, sum(len(entry["parts"]) for entry in again["records"]))
