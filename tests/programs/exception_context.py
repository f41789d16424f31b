"""Chaining: __context__, __cause__, sys.exception() and exception groups, from hot loops."""

# expect-stdout:
#   (1500, 500, 1000)
#   (3000, 1500)
#   (1500375, None)
#   [800, 400, 160]
#   ['turn 1500']

import sys


def chain(count):
    contexts = causes = suppressed = 0
    for i in range(count):
        try:
            try:
                {}[i]
            except KeyError as error:
                if i % 3 == 0:
                    raise ValueError(i)
                if i % 3 == 1:
                    raise ValueError(i) from error
                raise ValueError(i) from None
        except ValueError as error:
            contexts += isinstance(error.__context__, KeyError) and error.__context__.args[0] == i
            causes += error.__cause__ is not None
            suppressed += error.__suppress_context__
    return contexts, causes, suppressed


print(chain(1500))


def current(count):
    inside = outside = 0
    for i in range(count):
        try:
            raise RuntimeError(i)
        except RuntimeError as error:
            inside += sys.exception() is error
            inside += sys.exc_info()[1] is error
        outside += sys.exception() is None
    return inside, outside


print(current(1500))


def loop_in_handler(count):
    try:
        raise KeyError("outer")
    except KeyError:
        total = 0
        for i in range(count):
            try:
                if i % 4 == 0:
                    raise ValueError(i)
            except ValueError as error:
                total += error.__context__.args == ("outer",)
            total += isinstance(sys.exception(), KeyError) * 1000
    return total, sys.exception()


print(loop_in_handler(1500))


def groups(count):
    tally = [0, 0, 0]
    for i in range(count):
        try:
            errors = [ValueError(i)]
            if i % 2:
                errors.append(TypeError(i))
            if i % 5 == 0:
                errors.append(OSError(i))
            raise ExceptionGroup("several", errors)
        except* ValueError as group:
            tally[0] += len(group.exceptions)
        except* TypeError as group:
            tally[1] += len(group.exceptions)
        except* OSError as group:
            tally[2] += len(group.exceptions)
    return tally


print(groups(800))


def notes(count):
    caught = None
    for i in range(count):
        try:
            raise ValueError("noted")
        except ValueError as error:
            if i % 500 == 0:
                error.add_note("turn %d" % i)
                caught = error
    return caught.__notes__


print(notes(1600))
