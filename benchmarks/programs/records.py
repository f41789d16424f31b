"""Lines of text parsed into records, grouped, sorted in several ways, and written again.

What it measures: splitting, numbers in text, sorts by keys of numbers, text and tuples, minima by keys, formatting.
"""

from collections import defaultdict

SCALE = 6_000
SMALL = 200
REPEATS = 8
NAMES = ("ada", "barbara", "edsger", "grace", "john", "ken", "niklaus")


class Record:
    __slots__ = ("number", "name", "price", "kind")

    def __init__(self, number, name, price, kind):
        self.number = number
        self.name = name
        self.price = price
        self.kind = kind


def lines(count):
    """The text to be read."""
    state, found = 11, []
    for number in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        found.append(f"{number}; {NAMES[(state >> 16) % 7]} ;{(state >> 8) % 10_000 / 100:.2f};{'ab'[state >> 20 & 1]}")
    return found


def parse(line):
    """One line's record."""
    number, name, price, kind = line.split(";")
    return Record(int(number), name.strip(), float(price), kind)


def main(scale=SCALE):
    """Returns the length of what is written, and some of the records' numbers."""
    records = [parse(line) for line in lines(scale)]
    groups = defaultdict(list)
    for record in records:
        groups[record.name, record.kind].append(record)
    written = []
    for name, kind in sorted(groups):
        group = sorted(groups[name, kind], key=lambda record: (-record.price, record.number))
        total = sum(record.price for record in group)
        dearest, last = group[0], max(group, key=lambda record: record.number)
        written.append(f"{name:>10}|{kind}|{len(group):5}|{total:10.2f}|{dearest.price:.2f}|{last.number}")
    by_name = sorted(records, key=lambda record: record.name)
    by_price = sorted(records, key=lambda record: record.price, reverse=True)
    return len("\n".join(written)), by_name[scale // 2].number, by_price[scale // 3].number


if __name__ == "__main__":
    print(main())
