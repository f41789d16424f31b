"""Frames of functions that natives call: a native's own references to one do not count, but those of the program do."""

# expect-stdout:
#   total 1313400 [49, 48, 47] 0
#   keeping 1313400 [49, 48, 47] 7
#   [('n', 0), ('sum', 0)]
#   [('i', 39), ('n', 40), ('sum', 780)]
#   [('i', 79), ('n', 80), ('sum', 3160)]
#   [('i', 119), ('n', 120), ('sum', 7140)]
#   [('i', 159), ('n', 160), ('sum', 12720)]
#   [('n', 0), ('sum', 0)]
#   [('i', 39), ('n', 40), ('sum', 780)]
#   raising 2626800 [49, 48, 47] 7
#   [('i', 6), ('n', 7), ('sum', 42)]
#   [('i', 46), ('n', 47), ('sum', 2162)]
#   [('i', 86), ('n', 87), ('sum', 7482)]
#   [('i', 126), ('n', 127), ('sum', 16002)]
#   [('i', 166), ('n', 167), ('sum', 27722)]
#   [('i', 6), ('n', 7), ('sum', 42)]
#   [('i', 46), ('n', 47), ('sum', 2162)]
#   looked_at 1313400 [49, 48, 47] 5
#   [('i', 48), ('n', 49), ('sum', 1176)]
#   [('i', 88), ('n', 89), ('sum', 3916)]
#   [('i', 128), ('n', 129), ('sum', 8256)]
#   [('i', 168), ('n', 169), ('sum', 14196)]
#   [('i', 48), ('n', 49), ('sum', 1176)]

import sys


def total(n):
    sum = 0
    for i in range(n):
        sum += i
    return sum


kept = []


def keeping(n):
    sum = 0
    if n % 40 == 0:
        kept.append(sys._getframe())
    for i in range(n):
        sum += i
    return sum


def raising(n):
    sum = 0
    try:
        if n % 40 == 7:
            raise ValueError(n)
    except ValueError as error:
        kept.append(error.__traceback__.tb_frame)
    for i in range(n):
        sum += i * 2
    return sum


def looked_at(n):
    """The frame is kept by what the loop calls."""
    sum = 0
    for i in range(n):
        sum += i
        if i == 30 and n % 40 == 9:
            keep_caller()
    return sum


def keep_caller():
    kept.append(sys._getframe(1))


def main():
    for function in (total, keeping, raising, looked_at):
        results = list(map(function, range(200)))
        found = sorted(range(50), key=function, reverse=True)
        print(function.__name__, sum(results), found[:3], len(kept))
        for frame in kept[:]:
            variables = dict(frame.f_locals)
            assert variables["sum"] == function(variables["n"]), (function, variables)
            print(sorted(variables.items()))
        kept.clear()


main()
