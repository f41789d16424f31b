"""An operator that is Python code, that changes something and then raises or does not, in a `try` of a hot loop."""

# expect-stdout:
#   (2970, 46470, 4501500, 3000)
#   (2670, 503085, 4501500, 3000)


class Counter:
    def __init__(self):
        self.asked = []

    def __add__(self, other, **more):
        self.asked.append(other)
        if other % 100 != 99:
            raise ValueError(other)
        return other

    def __getitem__(self, key, **more):
        self.asked.append(-key)
        if key % 90 < 80:
            raise KeyError(key)
        return key


def adds(n):
    c = Counter()
    caught = total = seen = 0
    for k in range(n):
        try:
            total += c + k
        except ValueError:
            caught += 1
        seen += len(c.asked)
    return caught, total, seen, len(c.asked)


def items(n):
    c = Counter()
    caught = total = seen = 0
    for k in range(n):
        try:
            total += c[k]
        except KeyError:
            caught += 1
        seen += len(c.asked)
    return caught, total, seen, len(c.asked)


print(adds(3000))
print(items(3000))
