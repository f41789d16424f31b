"""Generators whose variables are shared with functions that they make: their cells are there when they begin, not before."""

# expect-stdout:
#   [1, 2, 3, 4, 5, 5]
#   10
#   [0, 1, 3, 6, 10, 15]
#   [(5, 0), (6, 1), (7, 2)]
#   [11, 12, 13] [21, 22, 23]
#   (1, 2)


def climb(n, i=0):
    if i == n:
        yield i
    else:
        add = lambda j: i + j
        yield add(1)
        yield from climb(n, i + 1)


def queens(n, i=0, columns=()):
    if i == n:
        yield columns
    else:
        for column in range(n):
            if all(column != other and abs(column - other) != i - j for j, other in enumerate(columns)):
                yield from queens(n, i + 1, columns + (column,))


def sums(n):
    total = 0

    def add(x):
        nonlocal total
        total += x
        return total

    for x in range(n):
        yield add(x)


def kept(n):
    def pair(x):
        return n + x, x

    for x in range(3):
        yield pair(x)


def closures(k):
    def each(xs):
        for x in xs:
            yield x + k

    return each


def first_two(n):
    made = sums(n)
    next(made)
    return next(made), next(made) - 1


for _ in range(200):
    climbed = list(climb(5))
    placed = list(queens(5))
print(climbed)
print(len(placed))
for _ in range(200):
    summed = list(sums(6))
    pairs = [pair for made in [kept(5)] for pair in made]
print(summed)
print(pairs)
tens, twenties = closures(10), closures(20)
for _ in range(200):
    a, b = tens([1, 2, 3]), twenties([1, 2, 3])
    both = list(zip(a, b))
print([x for x, _ in both], [x for _, x in both])
for _ in range(300):
    two = first_two(4)
print(two)
