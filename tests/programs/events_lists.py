"""Loops over lists, tuples, enumerate and zip, and indexing, are compiled without an abort."""

# expect-stdout:
#   7500.0 1.6333333333333333
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"dot"...
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"smooth"...
# expect-no-event: {"event":"trace-aborted"..."function":"dot"...
# expect-no-event: {"event":"trace-aborted"..."function":"smooth"...


def dot(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += x * y
    return total


def smooth(a):
    for i, x in enumerate(a):
        a[i] = (x + a[i - 1]) * 0.5
    return a[-1]


values = [0.5, 1.0, 1.5, 2.0] * 1000
print(dot(values, tuple(values)), smooth(values))
