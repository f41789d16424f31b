"""Exceptions that leave the hot loop: the handler is outside of it, in the caller, or several frames up."""

# expect-stdout:
#   ('done', 1499, 91500) ('caught', 1400, 140000) ('caught', 0, 0)
#   (1493, 1113778) (1493, 1113778)
#   division
#   division
#   (1998, 3, 1998, 1999)
#   [1000, 1001, 'again', 1002, 1003, 'again']
#   (1999000, 'the end')
#   too far: 1990


def here(values):
    total = 0
    i = -1
    try:
        for i, v in enumerate(values):
            total += 100 // v
    except ZeroDivisionError:
        return "caught", i, total
    return "done", i, total


print(here([1, 2, 3] * 500), here([1] * 1400 + [0] + [1] * 10), here([0]))


def inner(values, bad):
    total = 0
    for v in values:
        if v == bad:
            raise LookupError(v, total)
        total += v
    return total


def middle(values, bad):
    result = []
    for k in range(3):
        result.append(inner(values, bad if k == 2 else -1))
    return result


def outer(count):
    try:
        return middle(range(count), count - 7)
    except LookupError as error:
        return error.args


print(outer(1500), outer(1500))


def called(n):
    return 10 // (1200 - n)


def caller(count):
    done = 0
    for i in range(count):
        done += called(i) >= 0
    return done


for _ in range(2):
    try:
        caller(2000)
    except ZeroDivisionError:
        print("division")


def state_after(count):
    a = b = 0
    log = []
    try:
        for i in range(count):
            a = i
            log.append(i)
            b = [1, 2, 3][i - count + 3 if i > count - 4 else 0]
            b += 1
            if i == count - 2:
                b = log["x"]
    except TypeError:
        return a, b, i, len(log)


print(state_after(2000))


def reraised(count):
    seen = []
    for attempt in range(4):
        try:
            try:
                for i in range(count):
                    if i == 1000 + attempt:
                        raise KeyError(i)
            except KeyError as error:
                seen.append(error.args[0])
                if attempt % 2:
                    raise
        except KeyError:
            seen.append("again")
    return seen


print(reraised(1500))


def stop_iteration_value(count):
    def source():
        for i in range(count):
            yield i
        return "the end"

    g = source()
    total = 0
    try:
        while True:
            total += next(g)
    except StopIteration as stop:
        return total, stop.value


print(stop_iteration_value(2000))


def assertion(count):
    try:
        for i in range(count):
            assert i < count - 10, "too far: %d" % i
    except AssertionError as error:
        return str(error)


print(assertion(2000))
