"""send, throw, close, return values and finally blocks of generators that hot loops drive."""

# expect-stdout:
#   (999.5, (1999000.0, 2000))
#   (4410000, [500, 1000, 1500, 2000, 'closed'], 'closed for good')
#   (4800, 1200, True)
#   (1109305, (1490,), [])
#   (1499, 'StopIteration')
#   (1495, 'generator already executing')
#   (1500, None)
#   523776 511


def averager():
    total = 0.0
    n = 0
    value = None
    while True:
        value = yield total / n if n else None
        if value is None:
            return total, n
        total += value
        n += 1


def sending(count):
    g = averager()
    next(g)
    for i in range(count):
        average = g.send(i)
    try:
        g.send(None)
    except StopIteration as stop:
        return average, stop.value


print(sending(2000))


def resilient(log):
    n = 0
    while True:
        try:
            n += 1
            yield n
        except ValueError as error:
            log.append(error.args[0])
        except GeneratorExit:
            log.append("closed")
            raise
        finally:
            n += 1


def throwing(count):
    log = []
    g = resilient(log)
    total = 0
    for i in range(count):
        if i and i % 500 == 0:
            total += g.throw(ValueError(i))
        else:
            total += next(g)
    g.close()
    g.close()
    return total, log, next(g, "closed for good")


print(throwing(2100))


def abandoned(count):
    log = []

    def source(k):
        try:
            for i in range(1000000):
                yield i
        finally:
            log.append(k)

    total = 0
    for k in range(count):
        for x in source(k):
            total += x
            if x == k % 5:
                break
    return total, len(log), log == list(range(count))


print(abandoned(1200))


def raising(count):
    def source():
        for i in range(count):
            if i == count - 10:
                raise LookupError(i)
            yield i

    g = source()
    total = 0
    try:
        for x in g:
            total += x
    except LookupError as error:
        return total, error.args, list(g)


print(raising(1500))


def stop_inside(count):
    def source():
        for i in range(count):
            if i == count - 1:
                raise StopIteration
            yield i

    n = 0
    try:
        for _ in source():
            n += 1
    except RuntimeError as error:
        return n, type(error.__cause__).__name__


print(stop_inside(1500))


def reentered(count):
    def source():
        for i in range(count):
            if i == count - 5:
                next(g)
            yield i

    g = source()
    n = 0
    try:
        for _ in g:
            n += 1
    except ValueError as error:
        return n, str(error)


print(reentered(1500))


def state(count):
    def source():
        x = 0
        while x < count:
            x += 1
            yield x

    g = source()
    seen = 0
    for value in g:
        seen += g.gi_frame.f_locals["x"] == value and not g.gi_running
    return seen, g.gi_frame


print(state(1500))


class Tree:
    def __init__(self, depth, value=1):
        self.value = value
        self.children = [Tree(depth - 1, value * 2 + k) for k in range(2)] if depth else []

    def __iter__(self):
        yield self.value
        for child in self.children:
            yield from child


print(sum(Tree(9)), sum(1 for _ in Tree(8)))
