"""A float loop is compiled, as a root trace whose place is the loop's header; nothing of it is aborted."""

# expect-stdout:
#   3.141612653189785
# expect-event: {"event":"run","version":1...
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"leibniz"...
# expect-event: {"event":"totals"...
# expect-no-event: {"event":"trace-aborted"..."function":"leibniz"...


def leibniz(tolerance):
    total = 0.0
    term = 1.0
    k = 0
    while abs(term) > tolerance:
        sign = 1.0 if k % 2 == 0 else -1.0
        term = sign / (2 * k + 1)
        total += term
        k += 1
    return 4 * total


print(leibniz(1e-5))
