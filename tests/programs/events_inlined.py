"""Calls of small Python functions are inlined: the loop is one trace, and no call of it is left as a call."""

# expect-stdout:
#   199970000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"run"...
# expect-no-event: {"event":"not-inlined"...
# expect-no-event: {"event":"trace-aborted"..."function":"run"...


def scale(x, by=3, *, offset=0):
    return x * by + offset


def wrap(x):
    return scale(x) + scale(x, 2) - scale(x, by=4, offset=1)


def run(count):
    total = 0
    for i in range(count):
        total += wrap(i)
    return total


print(run(20000))
