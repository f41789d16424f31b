"""sys.exit in a hot loop: finally blocks and atexit functions run, the status is the one that was given."""

# expect-status: 7
# expect-stdout:
#   finally 2000 2001000
#   atexit

import atexit
import sys

atexit.register(print, "atexit")


def run(count):
    total = 0
    try:
        for i in range(count):
            total += i
            if i == 2000:
                sys.exit(7)
    finally:
        print("finally", i, total)


try:
    run(3000)
except Exception:
    print("never: SystemExit is no Exception")
print("never")
