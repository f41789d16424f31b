"""An exception that goes on after `finally`, or past handlers for others, has the lines where it was raised."""

# expect-stdout:
#   [(('cleans', 3), 300), (('wrong_handler', 3), 300)]
#   [(('bare', 3), 100), (('handed_on', 5), 300)]


def cleans(n, log):
    try:
        return int("x" if n >= 0 else "1")
    finally:
        log.append(n)
        pass


def wrong_handler(n, log):
    try:
        return [1, 2][n + 2]
    except ValueError:
        log.append(-1)
    except KeyError:
        log.append(-2)


def bare(n, log):
    try:
        return 1 // (n - n)
    except ZeroDivisionError:
        log.append(n)
        raise


def handed_on(n, log):
    for k in range(2):
        try:
            if k == 1:
                raise LookupError(n)
        finally:
            log.append(k)


def lines(functions, n):
    found = {}
    log = []
    for k in range(n):
        for function, every in functions:
            if k % every:
                continue
            try:
                function(k, log)
            except (ValueError, LookupError, ZeroDivisionError) as error:
                entry = error.__traceback__.tb_next
                place = function.__name__, entry.tb_lineno - function.__code__.co_firstlineno + 1
                assert entry.tb_next is None, place
                found[place] = found.get(place, 0) + 1
    return sorted(found.items())


print(lines([(cleans, 1), (wrong_handler, 1)], 300))
print(lines([(bare, 3), (handed_on, 1)], 300))
