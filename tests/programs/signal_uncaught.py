"""Ctrl-C (here: a SIGINT that the program sends itself) in a hot loop that does not catch it ends the program."""

# expect-status: 130
# expect-stderr: KeyboardInterrupt
# expect-stdout:
#   before
#   finally
# stderr-varies: the signal may come at any instruction of the loop

import os
import signal
import threading

signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()


def forever():
    n = 0
    while True:
        n = (n * 5 + 1) % 65536


print("before")
try:
    forever()
finally:
    print("finally")
