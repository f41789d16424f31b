"""Builtins that are shadowed, patched and restored while a loop that uses them is hot."""

# expect-stdout:
#   2400
#   160000
#   2400
#   -1600
#   2400
#   1373750
#   1405750
#   3994
#   12993

import builtins


def lengths(items):
    total = 0
    for item in items:
        total += len(item)
    return total


items = ["ab", [1, 2, 3], (), {1: 2}] * 400
print(lengths(items))
original = builtins.len
builtins.len = lambda x: 100
print(lengths(items))
builtins.len = original
print(lengths(items))


def len(x):  # shadows the builtin for this module
    return -1


print(lengths(items))
del len
print(lengths(items))


def mid_loop(count):
    total = 0
    for i in range(count):
        total += abs(-i)
        if i == 1000:
            builtins.abs = lambda x: 0
        if i == 1500:
            builtins.abs = saved
    return total


saved = abs
print(mid_loop(2000))

total = 0
for i in range(2500):
    total += abs(i - 1200)
    if i == 800:
        abs = lambda x: 1
    if i == 1600:
        del abs
print(total)


def missing(count):
    total = 0
    for i in range(count):
        try:
            total += undefined_so_far
        except NameError:
            total -= 1
        if i == count // 2:
            globals()["undefined_so_far"] = 5
    return total


print(missing(2000))
true_len = builtins.len
builtins.marker = 3
total = 0
for i in range(2000):
    total += marker
    if i == 1000:
        marker = 10
print(total)
