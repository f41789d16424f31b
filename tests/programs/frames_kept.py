"""A frame that a function has given its caller still knows who called it."""

# expect-stdout:
#   [1, 'outer']

import inspect


def name():
    return inspect.currentframe().f_back.f_back.f_code.co_name


def inner(k):
    return name() if k % 3 else 1


def outer(n):
    seen = set()
    for k in range(n):
        seen.add(inner(k))
    return sorted(seen, key=str)


print(outer(500))
