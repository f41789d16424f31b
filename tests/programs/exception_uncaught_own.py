"""An exception class of the program's own, raised in a module-level loop, ends the program with its message."""

# expect-status: 1
# expect-stderr: Finished: at 2000 with 2001000
# expect-stdout:


class Finished(Exception):
    pass


total = 0
for i in range(10000):
    total += i
    if total > 2000000:
        raise Finished(f"at {i} with {total}")
print("never")
