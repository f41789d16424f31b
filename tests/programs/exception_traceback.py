"""Line numbers and frames of tracebacks made in hot code: each entry is where the interpreter would have been."""

# expect-stdout:
#   level_one+3 level_two+4 level_three+2
#   600 several+12
#   600 several+5 level_three+2
#   600 several+7
#   750 own_frames+4 deep+3 frames+3
#   750 own_frames+4 deep+5 frames+3
#   extracted level_two(i + 1500)
#   level_two return level_three(n) + 1
#   level_three return [10][x - 4000]
#   [(399, 'stored+5', 1300), (799, 'stored+5', 1300), (1199, 'stored+5', 1300)]

import sys
import traceback


def shape(error):
    """Function names with lines relative to the function's first line."""
    out = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name != "<module>":
            out.append("%s+%d" % (code.co_name, trace.tb_lineno - code.co_firstlineno))
        trace = trace.tb_next
    return " ".join(out)


def level_three(n):
    x = n * 2
    return [10][x - 4000]


def level_two(n):
    if n < 1500:
        return n
    else:
        return level_three(n) + 1


def level_one(count):
    total = 0
    for i in range(count):
        total += level_two(
            i
        )
    return total


def several(count):
    shapes = {}
    for i in range(count):
        try:
            if i % 3 == 0:
                level_three(i)
            elif i % 3 == 1:
                int(
                    "x"
                    + str(i)
                )
            else:
                (i
                 // (i
                     - i))
        except (IndexError, ValueError, ZeroDivisionError) as error:
            text = shape(error)
            shapes[text] = shapes.get(text, 0) + 1
    return sorted(shapes.items())


try:
    level_one(3000)
except IndexError as error:
    print(shape(error))
for text, number in several(1800):
    print(number, text)


def own_frames(n):
    names = []
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "<module>":
        names.append("%s+%d" % (frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
        frame = frame.f_back
    return " ".join(names)


def deep(n):
    value = n
    return (
        own_frames(value)
        if n % 2
        else own_frames(-value)
    )


def frames(count):
    seen = {}
    for i in range(count):
        text = deep(i)
        seen[text] = seen.get(text, 0) + 1
    return sorted(seen.items())


for text, number in frames(1500):
    print(number, text)


def extracted(count):
    seen = set()
    for i in range(count):
        try:
            level_two(i + 1500)
        except IndexError as error:
            entries = traceback.extract_tb(error.__traceback__)
            seen.add(tuple((entry.name, entry.line) for entry in entries))
    return seen


for entries in extracted(300):
    for entry in entries:
        print(*entry)


def stored(count):
    """A traceback that is kept must not change afterwards."""
    kept = []
    for i in range(count):
        try:
            raise ValueError(i)
        except ValueError as error:
            if i % 400 == 399:
                kept.append(error)
        i += 1
        i += 1
    return [(error.args[0], shape(error), error.__traceback__.tb_frame.f_locals["count"]) for error in kept]


print(stored(1300))
