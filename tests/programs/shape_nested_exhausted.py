"""The end of an outer loop is reached in compiled code right after a recording has ended in the same frame."""

# modes: off on stress
# options: --threshold-loop 12 --threshold-exit 4
# expect-stdout:
#   0 (1, 7)
#   0 (1, 7)

last = None


def main(p0):
    global last
    for k12 in (2.5, 1) * 9:
        for k13 in range(10, 6, -1):
            pass
    last = (k12, k13)
    return 0


print(main(1), last)
print(main(2), last)
