"""`dict` of a generator of pairs: tuples, lists that are made for it, lists of another length, and other things."""

# expect-stdout:
#   3 ['1', '2', 'hello']
#   400 79800
#   dictionary update sequence element #3 has length 3; 2 is required
#   {'a': 'b', 'c': 'd'}
#   2 10
# expect-event: ..."kind":"loop"...
# options:


def split(count):
    query = "a=1&b=2&c=hello"
    for _ in range(count):
        found = dict(part.split("=", 1) for part in query.split("&"))
    return len(found), list(found.values())


def lists(count):
    pairs = [[i, i] for i in range(count)]
    table = dict(pair for pair in pairs)
    return len(table), sum(table.values())


def wrong(pairs, count):
    told = None
    for _ in range(count):
        try:
            dict(pair for pair in pairs)
        except (ValueError, TypeError) as error:
            told = str(error)
    return told


def texts(count):
    for _ in range(count):
        table = dict(pair for pair in ("ab", "cd"))
    return table


def update(count):
    table = {}
    for i in range(count):
        table.update([i % 2, value] for value in (i, i + 1, 10))
    return len(table), table[1]


print(*split(3000))
for _ in range(10):
    result = lists(400)
print(*result)
print(wrong([[1, 2], [3, 4], [5, 6], [7, 8, 9]], 500))
print(texts(500))
print(*update(1000))
