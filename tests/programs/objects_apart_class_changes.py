"""Instances with slots that a loop takes apart, of a class that changes while they are apart: they are put together all the
same."""

# expect-stdout:
#   (4498500, [2999], 2999, 8997000)
#   33
# expect-event: ..."kind":"loop"...


class Counter:
    __slots__ = ("count", "last")

    def __init__(self):
        self.count = 0
        self.last = None


def main(limit):
    counter = Counter()
    for i in range(limit):
        counter.count += i
        counter.last = [i]
        if i % 100 == 99:
            Counter.label = i
            Counter.double = lambda self: self.count * 2
    return counter.count, counter.last, counter.label, counter.double()


def between(limit):
    counter = Counter()
    found = []
    for i in range(limit):
        counter.count += 1
        if i % 90 == 89:
            Counter.label = -i
            found.append((counter.label, counter.count))
    return found, counter.count


print(main(3000))
print(sum(one + other for one, other in between(3000)[0]))
