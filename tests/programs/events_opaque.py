"""A call of a builtin that the JIT does not know stays a call in the trace; the log names the callee."""

# expect-stdout:
#   0x1.4f62202468754p+3
# expect-event: {"event":"trace-started"..."function":"blocked"...
# expect-event: {"event":"not-inlined"..."reason":"native-callee"...isenabled...

from gc import isenabled


def blocked(count):
    total = 0.0
    for k in range(count):
        isenabled()
        total += 1.0 / (k + 1)
    return total.hex()


print(blocked(20000))
