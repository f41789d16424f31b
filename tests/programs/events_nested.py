"""The trace of an outer loop enters the compiled inner loop: the log has a link."""

# expect-stdout:
#   8524332
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"triangle"...
# expect-event: {"event":"link"...


def triangle(n):
    total = 0
    for i in range(n):
        for j in range(i):
            total += i ^ j
    return total


print(triangle(300))
