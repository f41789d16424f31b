"""Operands of several types in one instruction after another: paths meet behind each, instead of multiplying."""

# expect-stdout:
#   1949706752 1599225128 1392
# expect-event: ..."event":"trace-compiled"..."kind":"join"..."function":"work"...


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        return Money(self.cents + other.cents)

    def __lt__(self, other):
        return self.cents < other.cents


def pair(number, kind):
    low, high = number % 50, number % 90
    if kind == 0:
        return low, high
    if kind == 1:
        return low / 8, high / 8
    if kind == 2:
        return str(low), str(high)
    if kind == 3:
        return low + 2**62, high + 2**63
    return Money(low), Money(high)


def work(a, b, c, d, e, f, g, h, i, j):
    hits = 0
    hits += a + a < b
    hits += 2 * (c + c < d)
    hits += 4 * (e + e < f)
    hits += 8 * (g + g < h)
    hits += 16 * (i + i < j)
    return hits


def table(count):
    seed, rows = 7, []
    for number in range(count):
        row = ()
        for place in range(5):
            seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
            row += pair(number * 7 + place * 13, (seed >> 16) % 5)
        rows.append(row)
    return rows


def main(rows):
    total = 0
    for row in rows:
        total = total * 3 + work(*row) & 0xFFFFFFFF
    return total


def mixed(rows):
    failed = 0
    for row in rows:
        try:
            work(*row[1:], row[0])
        except (TypeError, AttributeError):
            failed += 1
    return failed


rows = table(4000)
print(main(rows), main(rows[:100]), mixed(rows[:1500]))
