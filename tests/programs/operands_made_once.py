"""What an operator has been given and has kept or changed is the same object afterwards, also when it raises."""

# expect-stdout:
#   (1000, 3000, 3000, 1000, 3000) 19650 3000


class Item:
    def __init__(self, n):
        self.n = n
        self.seen = 0


class Picky:
    def __init__(self):
        self.kept = []

    def __contains__(self, item):
        item.seen += 1
        self.kept.append(item)
        if item.n % 3 == 0:
            raise LookupError(item.n)
        return item.n % 2 == 0


def ask(n):
    picky = Picky()
    found = same = seen = failed = 0
    for k in range(n):
        item = Item(k)
        try:
            found += item in picky
        except LookupError:
            failed += 1
        same += picky.kept[-1] is item
        seen += item.seen
    return found, same, seen, failed, len(picky.kept)


def noisy(n, log):
    try:
        for i in range(n):
            yield 100 // (n - i - 3) if i % 7 else i
    finally:
        log.append(n)


def finalised(n):
    closed = 0
    for k in range(n):
        log = []
        try:
            for _ in noisy(k % 9, log):
                pass
        except ZeroDivisionError:
            closed += 10
        closed += len(log)
    return closed


def wrapped(n):
    picky = Picky()
    same = 0
    for k in range(n):
        item = Item(k)
        box = (item, k)
        try:
            item in picky
        except LookupError:
            pass
        same += box[0] is picky.kept[-1] and box[0].seen
    return same


print(ask(3000), finalised(3000), wrapped(3000))
