"""A recursive function gets a trace of its own, which calls itself; nothing is left as a call of the interpreter."""

# expect-stdout:
#   17711
# expect-event: {"event":"trace-compiled"..."kind":"function"..."function":"fib"...
# expect-no-event: {"event":"not-inlined"...
# expect-no-event: {"event":"trace-aborted"..."function":"fib"...


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(22))
