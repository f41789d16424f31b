"""A callee that changes its caller's variables through f_locals, while the caller's loop is hot."""

# expect-stdout:
#   100499
#   ('text', 1500)
#   498

import sys


def poke(name, value):
    sys._getframe(1).f_locals[name] = value


def changed(count):
    x = 0
    for i in range(count):
        x += 1
        if i == 1500:
            poke("x", 100000)
    return x


print(changed(2000))


def changed_type(count):
    x = 0
    for i in range(count):
        if i == 1500:
            poke("x", "text")
        if isinstance(x, str):
            return x, i
        x += 1
    return x, i


print(changed_type(2000))
value = 0
for i in range(2000):
    value += 1
    if i == 1500:
        poke("value", -1)
print(value)
