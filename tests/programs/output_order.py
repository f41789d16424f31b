"""Output from hot loops: nothing is lost, doubled or reordered; flush, end and sep; writes to a file."""

# expect-stdout:
#   turn-0!
#   direct 0
#   turn-500!
#   direct 700
#   turn-1000!
#   direct 1400
#   turn-1500!
#   (10890, '1998,;1999,;')
#   (1500, 14195)
#   turn 399
#   turn 799
#   turn 1199
#   TURN 1599
#   TURN 1999
#   done

import io
import sys


def talk(count):
    for i in range(count):
        if i % 500 == 0:
            print("turn", i, sep="-", end="!\n", flush=i % 1000 == 0)
        if i % 700 == 0:
            sys.stdout.write("direct %d\n" % i)


talk(2000)


def to_file(count):
    stream = io.StringIO()
    for i in range(count):
        print(i, file=stream, end=",")
        stream.write(";")
    return len(stream.getvalue()), stream.getvalue()[-12:]


print(to_file(2000))


def redirected(count):
    from contextlib import redirect_stdout

    stream = io.StringIO()
    total = 0
    with redirect_stdout(stream):
        for i in range(count):
            print(i)
            total += len(stream.getvalue()) if i < 100 else 0
    return stream.getvalue().count("\n"), total


print(redirected(1500))


class Upper:
    def __init__(self, inner):
        self.inner = inner

    def write(self, text):
        return self.inner.write(text.upper())

    def flush(self):
        self.inner.flush()


original = sys.stdout
for i in range(2000):
    if i == 1500:
        sys.stdout = Upper(original)
    if i % 400 == 399:
        print("turn", i)
sys.stdout = original
print("done")
