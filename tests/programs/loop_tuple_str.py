"""for over tuples, strings of every width, bytes, sets and dicts."""

# expect-stdout:
#   4800 3600.0 0
#   39000
#   (889115, 300, 1950)
#   (605757, 300, 2250)
#   (752352, 150, 2550)
#   (835869, 0, 2502)
#   (0, 0, 0)
#   305600 261120 205800
#   4491005
#   (1400, 'RuntimeError')
#   1999000 2667333


def tuples(items):
    total = 0
    for item in items:
        total += item
    return total


print(tuples((1, 2, 3) * 800), tuples((1, 2.5, True) * 800), tuples(()))


def nested(rows):
    total = 0
    for a, (b, c), *rest in rows:
        total += a * b - c + len(rest)
    return total


print(nested(((1, (2, 3)), (4, (5, 6), 7), (8, (9, 10), 11, 12)) * 500))


def letters(text):
    h = 0
    upper = 0
    for c in text:
        h = (h * 33 + ord(c)) % 1000003
        if c.isupper():
            upper += 1
    return h, upper, len(text)


print(letters("Hello, World " * 150))
print(letters("Grüße aus Köln " * 150))
print(letters("中文 and 😀 mixed É " * 150))
print(letters("a" * 1500 + "é" + "b" * 500 + "😀" + "c" * 500))
print(letters(""))


def octets(data):
    total = 0
    for b in data:
        total += b
    return total


print(octets(b"\x00\x7f\xff" * 800), octets(bytearray(range(256)) * 8), octets(memoryview(b"abc" * 700)))


def keys(mapping):
    total = 0
    for key in mapping:
        total += key
    for key, value in mapping.items():
        total += key * value
    for value in mapping.values():
        total -= value
    return total


print(keys({i: i % 7 for i in range(1500)}))


def growing(n):
    mapping = dict.fromkeys(range(n))
    turns = 0
    try:
        for key in mapping:
            turns += 1
            if turns == n - 100:
                mapping[n] = 1
    except RuntimeError as error:
        return turns, type(error).__name__
    return turns, "no error"


print(growing(1500))


def members(s):
    total = 0
    for x in s:
        total += x
    return total


print(members(set(range(2000))), members(frozenset(range(0, 4000, 3))))
