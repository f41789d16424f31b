"""A tracer switches the JIT off while it is on, and the log says so."""

# expect-stdout:
#   1999000
#   1999000
#   1999000
# expect-event: {"event":"jit-off"..."reason":"settrace"...
# expect-event: {"event":"jit-on"...

import sys


def hot(count):
    total = 0
    for i in range(count):
        total += i
    return total


print(hot(2000))
sys.settrace(lambda *arguments: None)
print(hot(2000))
sys.settrace(None)
print(hot(2000))
