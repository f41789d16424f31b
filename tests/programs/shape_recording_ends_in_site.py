"""A recording ends while the interpreter is in the middle of a loop header's site, in a loop whose name is its list's."""

# modes: off on stress
# expect-stdout:
#   [6, 5, 4, 3, 2, 1] 600


def f(n):
    code = []
    tail = []
    for i in range(6):
        code.append(n)
        tail.append(i)
    for tail in tail:
        code[tail] = len(code) - tail
    return code


same = 0
for i in range(600):
    r = f(i)
    same += r == [6, 5, 4, 3, 2, 1]
print(r, same)
