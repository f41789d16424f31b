"""Exceptions, tracebacks and frames of recursive functions; RecursionError where the interpreter raises it."""

# expect-stdout:
#   (22, [3, 3, 3], 2)
#   998 maximum recursion depth exceeded
#   998
#   [(600, 599), (605, 604), (700, 699)]
#   (22, ['frames', 'frames'], '<module>')
#   23 [4, 9, 14, 19]
#   7

import sys
import traceback


def down(n):
    if n == 0:
        raise ValueError("bottom")
    return 1 + down(n - 1)


def lines_of(n):
    try:
        return down(n)
    except ValueError as error:
        lines = [entry.lineno - down.__code__.co_firstlineno for entry in traceback.extract_tb(error.__traceback__)]
        return len(lines), lines[1:4], lines[-1]


def good(n):
    return 0 if n == 0 else 1 + good(n - 1)


for _ in range(60):
    good(50)
    result = lines_of(20)
print(result)


def count(n):
    global deepest
    deepest = n
    return count(n + 1) + 1


def depth(n):
    try:
        return depth(n + 1)
    except RecursionError:
        return n


def two(n):
    return 0 if n == 0 else one(n - 1) + 1


def one(n):
    return 0 if n == 0 else two(n - 1) + 1


for _ in range(30):
    try:
        count(0)
    except RecursionError as error:
        message = str(error).strip()
print(deepest, message)
for _ in range(5):
    result = depth(0)
print(result)
limits = set()
for limit in (600, 605, 700):
    sys.setrecursionlimit(limit)
    for n in range(limit - 12, limit + 3):
        try:
            one(n)
        except RecursionError:
            limits.add((limit, n))
            break
print(sorted(limits))
sys.setrecursionlimit(1000)


def frames(n):
    if n == 0:
        names = []
        frame = sys._getframe()
        while frame:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        return len(names), names[:2], names[-1]
    return frames(n - 1)


for _ in range(100):
    result = frames(20)
print(result)


def caught(n):
    if n % 5 == 4:
        try:
            return caught(n - 1) + bad(n)
        except ZeroDivisionError:
            return n
        finally:
            log.append(n)
    return 0 if n <= 0 else caught(n - 1) + 1


def bad(n):
    return 1 // (n - n)


for _ in range(60):
    log = []
    result = caught(23)
print(result, log)


def wide(n):
    if n == 0:
        return 1
    total = 0
    for k in range(n):
        if k == 3:
            break
        total += wide(k)
    else:
        total += 1
    return total


print([wide(12) for _ in range(10)][-1])
