"""Hundreds of different hot loops, one after the other and nested into one another's callees."""

# expect-stdout:
#   767869
#   1253767
#   4855520
#   int 600
#   float 300.0
#   float 600.5
#   int 600
#   int 22136092888451461939200
#   str 600
#   tuple 600
#   list 600
#   complex 600j

SOURCE = """
def loop_{k}(n):
    total = {k}
    for i in range(n):
        total = (total * {m} + i) % {p}
        if i % {q} == 0:
            total += 1
    return total
"""
space = {}
for k in range(150):
    exec(SOURCE.format(k=k, m=k * 2 + 3, p=10007 + k, q=k % 9 + 2), space)
total = 0
for k in range(150):
    total += space["loop_%d" % k](120 + k)
print(total)
total = 0
for turn in range(400):
    total += space["loop_%d" % (turn % 20)](turn % 7)
print(total)


def calls_loops(n):
    total = 0
    for i in range(n):
        total += space["loop_3"](i % 5) + space["loop_4"](3)
    return total


print(calls_loops(800))


def same_loop_many_types(step, start, n):
    x = start
    for _ in range(n):
        x = x + step
    return x


for step, start in ((1, 0), (0.5, 0), (1, 0.5), (True, 0), (1 << 65, 0), ("a", ""), ((1,), ()), ([2], []), (1j, 0)):
    result = same_loop_many_types(step, start, 600)
    print(type(result).__name__, result if isinstance(result, (int, float, complex)) else len(result))
