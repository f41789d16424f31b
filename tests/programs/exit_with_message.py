"""sys.exit with a text from a function called in a hot loop: the text goes to stderr, the status is 1."""

# expect-status: 1
# expect-stderr: stopped at 2000
# expect-stdout:
#   0 0
#   1000 500500

import sys


def check(n):
    if n > 1999:
        sys.exit("stopped at %d" % n)
    return n


total = 0
for i in range(5000):
    total += check(i)
    if i % 1000 == 0:
        print(i, total)
