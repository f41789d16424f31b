"""finally in hot loops, left by falling through, break, continue, return and exceptions."""

# expect-stdout:
#   [1199, 400, 1199, 2000, 1199, 0] [1201, 400, 1201, 2002, 1201, 1]
#   ([1, 1000, 1999], 3003, 1999)
#   (750, 750, 150)
#   abcdacacabcdacacabcdac
#   (3001, 'returned')


def ways(count):
    log = [0] * 6
    for i in range(count):
        try:
            if i % 5 == 1:
                continue
            if i == count - 1:
                break
            if i % 5 == 2:
                raise ValueError
            log[0] += 1
        except ValueError:
            log[1] += 1
            continue
        else:
            log[2] += 1
        finally:
            log[3] += 1
        log[4] += 1
    else:
        log[5] += 1
    return log


print(ways(2000), ways(2002))


def returning(items):
    closed = []

    def find(wanted):
        for item in items:
            try:
                if item == wanted:
                    return item
            finally:
                closed.append(item)
        return None

    found = [find(w) for w in (1, 1000, 1999)]
    return found, len(closed), closed[-1]


print(returning(range(2000)))


def overriding(count):
    def f(i):
        try:
            if i % 2:
                raise KeyError
            return "try"
        except KeyError:
            return "except"
        finally:
            i += 1
            if i % 10 == 0:
                log.append(i)

    log = []
    out = [f(i) for i in range(count)]
    return out.count("try"), out.count("except"), len(log)


print(overriding(1500))


def nested(count):
    order = ""
    for i in range(count):
        try:
            try:
                try:
                    1 // (i % 3)
                finally:
                    order += "a"
            except ZeroDivisionError:
                order += "b"
                raise
            finally:
                order += "c"
        except ArithmeticError:
            order += "d"
        if len(order) > 80:
            order = order[-20:]
    return order


print(nested(2000))


def while_true(count):
    n = 0
    while True:
        try:
            n += 1
            if n > count:
                return n, "returned"
            if n % 3:
                continue
        finally:
            n += 1
    return "never"


print(while_true(3000))
