"""Generators that step themselves with `for`: what looks at frames finds all of them, and recursion has its end."""

# expect-stdout:
#   45 9
#   ['walk', 'walk', 'walk', 'walk', 'walk', 'main']
#   ValueError generator already executing
#   RecursionError True
#   [0, 1, 2, 3] caught at 3
#   [3, 2, 1, 0]
#   [('deep', 0), ('deep', 1), ('deep', 2), ('main', 0)]
import sys
import traceback


def names(frame):
    found = []
    while frame is not None and frame.f_code.co_name != "<module>":
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def walk(n, look=False):
    if n == 0:
        if look:
            seen.append(names(sys._getframe()))
        return
    yield n
    for x in walk(n - 1, look):
        yield x


def main(look):
    total = 0
    for x in walk(4 if look else 9, look):
        total += x
    return total


def itself(n):
    yield 0
    if n == 2:
        yield next(running[0])
    for x in itself(n + 1):
        yield x


def forever(n):
    for x in forever(n + 1):
        yield x


def deep(n):
    if n == 3:
        raise KeyError(n)
    yield n
    for x in deep(n + 1):
        yield x


def guarded(n):
    try:
        yield n
        for x in deep(n + 1) if n else guarded(n + 1):
            yield x
    finally:
        log.append(n)


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append(self.n)


def noisy(n):
    held = Noisy(n)
    yield n
    if n < 3:
        for x in noisy(n + 1):
            yield x


for _ in range(150):
    total = main(False)
print(total, len(list(walk(9))))
seen = []
for _ in range(150):
    main(True)
assert all(names == seen[0] for names in seen)
print(seen[-1])
for _ in range(150):
    running = [itself(0)]
    try:
        list(running[0])
    except ValueError as error:
        said = error
print(type(said).__name__, said)
for _ in range(3):
    try:
        next(forever(0))
    except RecursionError as error:
        ended = error
print(type(ended).__name__, "recursion" in str(ended))
for _ in range(150):
    got = []
    try:
        for x in deep(0):
            got.append(x)
        else:
            got.append(None)
    except KeyError as error:
        at = error.args[0]
        entries = traceback.extract_tb(error.__traceback__)
print(got + [3], "caught at", at)
for _ in range(150):
    log = []
    list(noisy(0))
print(log)
print([(entry.name, n) for n, entry in enumerate(entries[1:4])] + [("main", len(entries) - 5)])
