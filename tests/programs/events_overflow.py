"""Leaving 64 bits is an exit called overflow, and the program goes on."""

# expect-stdout:
#   5000 22517998136852480000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"grow"...
# expect-event: {"event":"totals"..."kind":"overflow"...


def grow(step, count):
    total = 0
    for _ in range(count):
        total += step
    return total


print(grow(1, 5000), grow(1 << 52, 5000))
