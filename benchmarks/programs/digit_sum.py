"""The sum of the digits of all numbers below a limit, in loops at module level.

What it measures: loops whose variables are module-level names, which live in a dict. There is no function to call again,
so the harness runs the program as a whole process.
"""

import sys

KIND = "whole"
SCALE = 600_000
SMALL = 5_000

limit = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE
total = 0
for number in range(limit):
    rest = number
    while rest > 0:
        total += rest % 10
        rest //= 10
print(total)
