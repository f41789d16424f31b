"""Tracebacks of exceptions that leave generators, handlers and coroutines: going on adds no entry."""

# expect-stdout:
#   failing_chain {'2': 120, '3 2': 60, '3 3 2': 60, '3 3 3 2': 60}
#   finally_in_generator {'3 1': 300}
#   closed_by_error {'2 1': 300}
#   raised_bare {'1': 300}
#   from_a_called_handler {'2 2 2 1': 300}
#   of_a_coroutine {'2 2 1': 300}
#   in_an_async_loop {'1 1': 300}
#   of_a_manager {'1': 300}

from contextlib import contextmanager


def chain(n, at):
    if n == at:
        raise ValueError(n)
    yield from chain(n + 1, at) if n >= 0 else ()
    yield n


def failing_chain(i):
    for x in chain(0, i % 5 % 4):
        pass


def raising(i):
    raise ValueError(i)


def finally_in_generator(i):
    def values():
        try:
            yield i
            raising(i)
        finally:
            i + 1
    for x in values():
        pass


def closed_by_error(i):
    def values():
        for k in range(3):
            inner(k)
            yield k
    def inner(k):
        return 1 // (k - 2)
    return sum(values())


def raised_bare(i):
    try:
        raising(i)
    except ValueError:
        if i >= 0:
            raise


def from_a_called_handler(i):
    def middle(n):
        try:
            raising(n) if n == 0 else middle(n - 1)
        except ValueError as error:
            raise
    middle(2)


async def awaited(i):
    try:
        raising(i)
    except LookupError:
        pass


def of_a_coroutine(i):
    async def outer():
        try:
            await awaited(i)
        finally:
            i + 1
    outer().send(None)


def in_an_async_loop(i):
    class Values:
        def __aiter__(self):
            return self
        async def __anext__(self):
            raise ValueError(i)
    async def outer():
        async for value in Values():
            pass
    outer().send(None)


@contextmanager
def manager(i):
    try:
        yield i
    finally:
        i + 1


def of_a_manager(i):
    with manager(i) as value:
        raising(value)


def lines(function, count):
    """How often which lines of functions were in a traceback, below `function`, whose line counts as the first."""
    seen = {}
    for i in range(count):
        try:
            function(i)
        except (ValueError, ZeroDivisionError) as error:
            entry, found = error.__traceback__.tb_next.tb_next, []
            while entry is not None:
                found.append(str(entry.tb_lineno - entry.tb_frame.f_code.co_firstlineno))
                entry = entry.tb_next
            key = " ".join(found)
            seen[key] = seen.get(key, 0) + 1
    return dict(sorted(seen.items(), key=lambda item: len(item[0])))


FUNCTIONS = [
    failing_chain, finally_in_generator, closed_by_error, raised_bare, from_a_called_handler, of_a_coroutine,
    in_an_async_loop, of_a_manager,
]
for function in FUNCTIONS:
    print(function.__name__, lines(function, 300))
