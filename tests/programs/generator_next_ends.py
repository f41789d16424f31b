"""Generators that end while `next` or `send` resumes them: StopIteration comes to a handler next to the call."""

# expect-stdout:
#   caught (300, 44850)
#   looked_at {(None, (), True, None)}
#   results 89700
#   sent 344850
#   finished (600, 0, [0, 0, 1, -1], [299, -299])
#   managed (6166, ['begin step', 'end step', 'begin step', 'end step', 'begin step', 'failed 290', 'end step', 'begin step', 'end step', 'begin step', 'end step', 'begin step', 'failed 293', 'end step', 'begin step', 'end step', 'begin step', 'end step', 'begin step', 'failed 296', 'end step', 'begin step', 'end step', 'begin step', 'end step', 'begin step', 'failed 299', 'end step'])
#   outside 300
#   again (900, 'no more')
from contextlib import contextmanager


def once(value):
    yield value


def with_result(value):
    yield value
    return value * 2


def finishing(log, value):
    try:
        yield value
    finally:
        log.append(value)


def caught(count):
    ended = total = 0
    for i in range(count):
        numbers = once(i)
        try:
            while True:
                total += next(numbers)
        except StopIteration:
            ended += 1
    return ended, total


def looked_at(count):
    """The handler looks at the exception."""
    kinds = set()
    for i in range(count):
        numbers = once(i)
        next(numbers)
        try:
            next(numbers)
        except StopIteration as stop:
            kinds.add((stop.value, stop.args, stop.__traceback__ is not None, stop.__traceback__.tb_next))
    return kinds


def results(count):
    total = 0
    for i in range(count):
        numbers = with_result(i)
        next(numbers)
        try:
            next(numbers)
        except StopIteration as stop:
            total += stop.value
    return total


def sent(count):
    def echo():
        got = yield 0
        while got > 0:
            got = yield got
    total = 0
    for i in range(count):
        numbers = echo()
        total += numbers.send(None)
        try:
            total += numbers.send(i)
            total += numbers.send(0)
        except StopIteration:
            total += 1000
    return total


def finished(count):
    log = []
    for i in range(count):
        numbers = finishing(log, i)
        next(numbers)
        try:
            next(numbers)
        except StopIteration:
            log.append(-i)
    return len(log), sum(log), log[:4], log[-2:]


@contextmanager
def noted(log, name):
    log.append("begin " + name)
    try:
        yield len(log)
    except ValueError as error:
        log.append("failed " + str(error))
        raise
    finally:
        log.append("end " + name)


def managed(count):
    log = []
    total = 0
    for i in range(count):
        try:
            with noted(log, "step") as number:
                total += number
                if i % 3 == 2:
                    raise ValueError(i)
        except ValueError:
            total += 1
        if len(log) > 40:
            log.clear()
    return total, log


def outside(count):
    """Nobody handles it next to the call."""
    def take(numbers):
        return next(numbers)
    ended = 0
    for i in range(count):
        numbers = once(i)
        take(numbers)
        try:
            take(numbers)
        except StopIteration:
            ended += 1
    return ended


def again(count):
    """One that has ended is asked again."""
    ended = 0
    for i in range(count):
        numbers = once(i)
        for _ in range(4):
            try:
                next(numbers)
            except StopIteration:
                ended += 1
    return ended, next(numbers, "no more")


for function in (caught, looked_at, results, sent, finished, managed, outside, again):
    print(function.__name__, function(300))
