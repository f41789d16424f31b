"""Loops whose recording is longer than the limit are cut, or left where they are cut no more."""

# options: --threshold-loop 30 --threshold-exit 8 --trace-limit 150
# expect-no-event: ..."reason":"trace-too-long"...
# expect-stdout:
#   [353243, 707308, 704575] 370012
#   [695624, 107790, 1026215] 709293
#   [266766, 882246, 491461] 603900


def make(lines, name):
    source = [f"def {name}(n, t):", "    s = 0", "    for i in range(n):"]
    for k in range(lines):
        source.append(f"        s = (s * 3 + t[{k % 5}] + i) & 1048575")
        if k % 7 == 0:
            source.append(f"        if s & {1 << k % 9}: s += {k}")
    source.append("    return s")
    scope = {}
    exec("\n".join(source), scope)
    return scope[name]


for lines in (20, 60, 400):
    loop = make(lines, "loop")
    print([loop(n, (1, 2, 3, 4, 5)) for n in (10, 200, 700)], loop(300, [5, 4, 3, 2, 1]))
