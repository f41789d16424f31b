"""`Counter` of generators: what they yield is counted in the trace, in dicts of any class that leaves items to `dict`."""

# expect-stdout:
#   [(0, 2), (1, 2), (2, 1)] 3000
#   {'h': 1, 'e': 1, 'l': 2, 'o': 1} 2.5 1180591620717411303425
#   ['l', 'o'] 1000
#   TypeError unhashable type: 'list' 5
#   600 ['set', 'set', 'set']
#   7 ValueError
# expect-event: ..."kind":"loop"...
# options:

from collections import Counter, _count_elements


def counted(count):
    total = 0
    for i in range(count):
        counts = Counter(x % 3 for x in (i, i + 1, i + 2, i + 3, i + 4))
        total += len(counts)
    return sorted(counts.items())[:3], total


def mixed(count):
    for _ in range(count):
        counts = {"h": 0.5, "o": 1 << 70}
        _count_elements(counts, (letter for letter in "hello"))
        _count_elements(counts, (letter for letter in "ho"))
    return Counter("hello") | {}, counts["h"], counts["o"] - 1


def common(count):
    found = 0
    for _ in range(count):
        counts = Counter(letter for letter in "hello world" if letter.isalpha())
        found += counts.most_common(1)[0][1] // 3
    return [letter for letter, _ in counts.most_common(2)], found


def unhashable(count):
    counts = Counter()
    for i in range(count):
        try:
            counts.update(x if i < count - 1 else [x] for x in (1, 2, 1))
        except TypeError as error:
            return type(error).__name__, str(error).split(" (")[0][-23:], len(counts) + 3


class Loud(dict):
    sets = []

    def __setitem__(self, key, value):
        Loud.sets.append("set")
        super().__setitem__(key, value)


def loud(count):
    for _ in range(count):
        counts = Loud()
        _count_elements(counts, (x for x in (1, 2, 1)))
    return len(Loud.sets), Loud.sets[:3]


def raising(count):
    counts = Counter()

    def numbers(limit):
        for number in range(6):
            if number == limit:
                raise ValueError(number)
            yield number

    told = None
    for i in range(count):
        try:
            counts.update(numbers(3 if i == count - 1 else 6) for _ in range(1))
            counts.update(number for number in numbers(3 if i == count - 1 else 6))
        except ValueError as error:
            told = type(error).__name__
    return len([key for key in counts if isinstance(key, int)]) + 1, told


print(*counted(1000))
letters, half, huge = mixed(400)
print(dict(letters), half, huge)
print(*common(1000))
print(*unhashable(800))
print(*loud(200))
print(*raising(300))
