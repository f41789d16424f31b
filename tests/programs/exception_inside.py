"""Exceptions raised and caught inside the hot loop: by operators, by raise, in called functions, with else and finally."""

# expect-stdout:
#   [('IndexError', 180), ('ZeroDivisionError', 90), ('attribute', 540), ('fine', 1560), ('type', 3030)]
#   (1784286, 1042083, 297381, 1428, 2500)
#   1500
#   [1143, 667, 2000, 523]
#   [996, 1993, 2990, 3987]
#   [("lookup KeyError('k')", 500), ('os 2', 500), ('other StopIteration(5)', 500), ('other ValueError()', 500)]


def by_operators(count):
    tally = {}
    items = [1, "a", None, [], 0, 2.5]
    for i in range(count):
        x = items[i % 6]
        y = items[(i // 6) % 6]
        for operation in (lambda: x + y, lambda: x / y, lambda: x[0], lambda: x.real, lambda: x < y):
            try:
                operation()
                key = "fine"
            except TypeError:
                key = "type"
            except (ZeroDivisionError, IndexError) as error:
                key = type(error).__name__
            except AttributeError:
                key = "attribute"
            tally[key] = tally.get(key, 0) + 1
    return sorted(tally.items())


print(by_operators(1080))


class Own(Exception):
    def __init__(self, n):
        super().__init__("own %d" % n)
        self.n = n


def check(n):
    if n % 3 == 0:
        raise Own(n)
    if n % 7 == 0:
        raise ValueError(n)
    return n


def raised(count):
    total = own = value = fine = final = 0
    for i in range(count):
        try:
            total += check(i)
        except Own as error:
            own += error.n
        except ValueError as error:
            value += error.args[0]
        else:
            fine += 1
        finally:
            final += 1
    return total, own, value, fine, final


print(raised(2500))


def name_is_gone(count):
    gone = 0
    for i in range(count):
        try:
            raise KeyError(i)
        except KeyError as error:
            pass
        try:
            error
        except UnboundLocalError:
            gone += 1
    return gone


print(name_is_gone(1500))


def nested(count):
    log = [0] * 4
    for i in range(count):
        try:
            try:
                check(i)
                log[0] += 1
            except Own:
                log[1] += 1
                if i % 2:
                    raise
            finally:
                log[2] += 1
        except (Own, ValueError):
            log[3] += 1
    return log


print(nested(2000))


def rare(count):
    caught = []
    for i in range(count):
        try:
            if i % 997 == 996:
                raise RuntimeError(i)
        except RuntimeError as error:
            caught.append(error.args[0])
    return caught


print(rare(4000))


def type_of_exception(count):
    errors = [ValueError, KeyError("k"), OSError(2, "gone"), StopIteration(5)]
    out = {}
    for i in range(count):
        try:
            raise errors[i % 4]
        except LookupError as error:
            name = "lookup " + repr(error)
        except OSError as error:
            name = "os %d" % error.errno
        except Exception as error:
            name = "other " + repr(error)
        out[name] = out.get(name, 0) + 1
    return sorted(out.items())


print(type_of_exception(2000))
