"""List, set, dict and nested comprehensions, their scopes, and map, filter, sorted with Python functions."""

# expect-stdout:
#   (4998, 30420, 1247500, {0: 2497, 1: 2498, 2: 2499, 3: 2489, 4: 2490, 5: 2491, 6: 2492, 7: 2493, 8: 2494, 9: 2495, 10: 2496}, [0, 1, 2, 4])
#   (6746700, 1499)
#   ('outer', 1499, 1499, 1499)
#   ([1414, 1313, 1212], 561375500, 214, 558437, 1414, 561750)
#   division
#   [0, 997, 1994, 2991] 1999
#   1124250 1124250


def lists(count):
    a = [i * i % 7 for i in range(count)]
    b = [x + y for x in range(40) for y in range(40) if x < y]
    c = [[i * j for j in range(5)] for i in range(count // 5)]
    d = {i % 11: i for i in range(count)}
    e = {i % 13 for i in a}
    return sum(a), sum(b), sum(map(sum, c)), d, sorted(e)


print(lists(2500))


def in_loop(count):
    total = 0
    for i in range(count):
        total += sum([x * i for x in (1, 2, 3)]) + len([y for y in range(i % 5) if y % 2])
    return total, i


print(in_loop(1500))


def scopes(count):
    i = "outer"
    functions = [lambda: i for i in range(count)]
    values = [j for j in range(count)]
    try:
        j
    except NameError:
        return i, functions[0](), functions[-1](), values[-1]


print(scopes(1500))


def higher_order(count):
    def weight(n):
        return (n * 7919) % 101, -n

    a = sorted(range(count), key=weight)
    b = list(map(lambda x, y: x * y, range(count), reversed(range(count))))
    c = list(filter(lambda x: x % 7 == 3, range(count)))
    from functools import reduce

    d = reduce(lambda x, y: (x * 31 + y) % 1000003, range(count))
    return a[:3], sum(b), len(c), d, min(range(count), key=weight), max(b)


print(higher_order(1500))


def raising(count):
    try:
        return [10 // (count - 100 - i) for i in range(count)]
    except ZeroDivisionError:
        return "division"


print(raising(1500))
print([n for n in range(3000) if n % 997 == 0], [m for m in range(2000)][-1])
total = 0
print([total := total + x for x in range(1500)][-1], total)
