"""Cells: loops that read and write variables of enclosing functions, and closures made in loops."""

# expect-stdout:
#   2500
#   621250
#   (1499, 0, 1499, 1124250)
#   (902.5, 100)
#   1900
#   1189000
#   True


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    def peek():
        return n

    return step, peek


step, peek = counter()
for i in range(2500):
    step()
    if peek() != i + 1:
        print("stale", i)
        break
print(peek())


def in_loop(count):
    total = 0

    def add(x):
        nonlocal total
        total += x

    for i in range(count):
        add(i)
        total -= 1
        if total > 1000000:
            add(-500000)
    return total


print(in_loop(2500))


def made(count):
    functions = []
    for i in range(count):
        def late():
            return i

        def early(i=i):
            return i

        functions.append((late, early))
    return functions[0][0](), functions[0][1](), functions[-1][0](), sum(early() for _, early in functions)


print(made(1500))


def type_of_cell(count):
    x = 0

    def poke(i):
        nonlocal x
        if i == 1500:
            x = "text"
        if i == 1600:
            x = 2.5

    log = []
    for i in range(count):
        poke(i)
        if isinstance(x, str):
            log.append(i)
        else:
            x += 1
    return x, len(log)


print(type_of_cell(2500))


def empty_cell(count):
    def read():
        return later

    misses = 0
    for i in range(count):
        try:
            read()
        except NameError:
            misses += 1
        if i == 1200:
            later = i
        if i == 1800:
            del later
    return misses


print(empty_cell(2500))


def compose(count):
    def make(f, k):
        return lambda x: f(x) + k

    f = lambda x: x * 2
    for k in range(20):
        f = make(f, k)
    total = 0
    for i in range(count):
        total += f(i)
    return total


print(compose(1000))


class Cell:
    def run(self, count):
        for i in range(count):
            assert __class__ is Cell
        return super().__repr__()[:9] == repr(self)[:9]


print(Cell().run(1500))
