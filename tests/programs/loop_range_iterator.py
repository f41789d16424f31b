"""An iterator that something else refers to as well: it must not be taken apart behind the other's back."""

# expect-stdout:
#   (2400, 3587399, 'empty')
#   -1499500
#   3372750 3375750
#   (1498500, []) (1498500, [])
#   801 801 1602
#   1124250


def shared(count):
    it = iter(range(count))
    pairs = 0
    total = 0
    for a in it:
        for b in it:
            total += a * 2 - b
            pairs += 1
            if b % 5 == 0:
                break
    return pairs, total, next(it, "empty")


print(shared(3000))


def stepped(count):
    it = iter(range(count))
    total = 0
    for i in it:
        if i % 3 == 0:
            total += next(it, 0)
        total -= i
    return total


print(stepped(3000))


def resumed(count):
    it = iter(range(count))
    for i in it:
        if i == count // 2:
            break
    rest = 0
    for i in it:
        rest += i
    return rest


print(resumed(3000), resumed(3001))


def zipped(count):
    it = iter(range(count))
    total = 0
    for a, b, c in zip(it, it, it):
        total += a - 2 * b + c + a
    return total, list(it)


print(zipped(3001), zipped(3000))


class Reader:
    def __init__(self, items):
        self.items = iter(items)

    def lines(self):
        n = 0
        for item in self.items:
            n += 1
            if item == "stop":
                break
        return n


reader = Reader((["a"] * 800 + ["stop"]) * 4)
print(reader.lines(), reader.lines(), len(list(reader.items)))


def length_hint(count):
    from operator import length_hint as hint

    it = iter([0] * count)
    total = 0
    for _ in it:
        total += hint(it)
    return total


print(length_hint(1500))
