"""Functions that another function makes whenever it is called: they are told by their code, whatever their cells hold."""

# expect-stdout:
#   shared [4950, 5050, 5150] 3
#   counted [100, 100, 100]
#   plain [328350, 328350]
#   with_defaults [5950, 6950, 7950]
#   only_defaults [(4950, 99), (5950, 109), (6950, 119), (6105, 119)]
#   attribute [9900, 14850, 19800]
#   changed [4950, 14850, 4950, 9900]
#   deleted [1225, 'NameError', 1225]
#   recursive [5050, 5050]
#   searching [(155, 8), (155, 16), (155, 24), (155, 32), (31, (15, 5)), (155, 48)]
#   raising [(50, 1225), (50, 1225)]
#   other_globals [300, 500, 300]
#   generators [4950, 14850]


def shared(count):
    sums = []
    for offset in range(3):
        def add(value):
            nonlocal calls
            calls += 1
            return value + offset
        calls, total = 0, 0
        for i in range(count):
            total += add(i)
        sums.append(total)
    return sums, calls // 33


def counted(count):
    def make():
        n = 0
        def step():
            nonlocal n
            n += 1
            return n
        return step
    found = []
    for turn in range(3):
        step = make()
        for i in range(count):
            last = step()
        found.append(last)
    return found


def plain(count):
    found = []
    for turn in range(2):
        square = lambda value: value * value
        total = 0
        for i in range(count):
            total += square(i)
        found.append(total)
    return found


def with_defaults(count):
    """Defaults are other ones each time."""
    found = []
    for turn in range(3):
        def add(value, more=10 + turn * 10, *, much=turn * 0):
            return value + more + much
        total = 0
        for i in range(count):
            total += add(i)
        found.append(total)
    return found


def only_defaults(count):
    """The same without keyword-only parameters; one loses a default on the way, and gets it back with another value."""
    found = []
    for turn in range(4):
        def add(value, more=turn * 10, times=1):
            return value * times + more
        def values(upto, first=turn * 10):
            for value in range(first, upto + first):
                yield value
        total, last = 0, None
        for i in range(count):
            if turn == 3 and i == 60:
                add.__defaults__ = (1,)
            try:
                total += add(i)
            except TypeError:
                add.__defaults__ = (10, 1)
                total += add(i)
        for last in values(count):
            pass
        found.append((total, last))
        if turn == 2:
            count -= 10
    return found


class Holder:
    def __init__(self, factor):
        self.action = lambda value: value * factor


def attribute(count):
    found = []
    for factor in (2, 3, 4):
        holder, total = Holder(factor), 0
        for i in range(count):
            total += holder.action(i)
        found.append(total)
    return found


def changed(count):
    """The code of a function is changed, and changed back."""
    found = []
    def other(value):
        return value * 3
    for turn in range(4):
        def same(value):
            return value * factor
        factor = 1 + turn // 3
        if turn == 1:
            same.__code__ = (lambda value: value * 3 + (factor - factor)).__code__
        total = 0
        for i in range(count):
            total += same(i)
        found.append(total)
    return found


def deleted(count):
    found = []
    for turn in range(3):
        def read(value):
            return value + zero
        zero, total = 0, 0
        try:
            for i in range(count):
                total += read(i)
                if turn == 1 and i == 30:
                    del zero
        except NameError as error:
            total = type(error).__name__
        found.append(total)
    return found


def recursive(count):
    found = []
    for turn in range(2):
        def down(n):
            return n + down(n - 1) if n else 0
        for i in range(40):
            last = down(count)
        found.append(last)
    return found


def searching(count):
    """The inner function calls itself through its cell, with variables of the outer one; some are left by an exception."""
    found = []
    for turn in range(6):
        def search(left, chosen):
            nonlocal steps
            steps += 1
            if left == 0:
                if turn == 4 and chosen == 0b1111:
                    raise KeyError(chosen)
                return chosen & mask
            return search(left - 1, chosen << 1) + search(left - 1, chosen << 1 | 1)
        steps, mask = 0, turn + 1
        try:
            for i in range(count // 20):
                last = search(4, 0)
        except KeyError as error:
            last = error.args
            depth, at = 0, error.__traceback__
            while at := at.tb_next:
                depth += 1
                assert at.tb_frame.f_code.co_name == "search" and at.tb_frame.f_locals["mask"] == mask
            last += (depth,)
        found.append((steps, last))
    return found


def raising(count):
    found = []
    for turn in range(2):
        def check(value):
            if value % 2:
                raise ValueError(value, offset)
            return value
        offset, odd, total = turn, 0, 0
        for i in range(count):
            try:
                total += check(i)
            except ValueError as error:
                odd += 1
                total += error.args[0] if error.args[1] == turn else 1000
                assert error.__traceback__.tb_next.tb_frame.f_locals["offset"] == turn
        found.append((odd * 2, total))
    return found


def other_globals(count):
    """One code, other globals."""
    def read():
        return number
    found = []
    for number_is in (3, 5, 3):
        function = type(read)(compile("def f(): return number", "f", "exec").co_consts[0], {"number": number_is})
        total = 0
        for i in range(count):
            total += function()
        found.append(total)
    return found


number = 7


def generators(count):
    found = []
    for factor in (1, 3):
        def values():
            for i in range(count):
                yield i * factor
        total = 0
        for value in values():
            total += value
        found.append(total)
    return found


print("shared", *shared(100))
print("counted", counted(100))
print("plain", plain(100))
print("with_defaults", with_defaults(100))
print("only_defaults", only_defaults(100))
print("attribute", attribute(100))
print("changed", changed(100))
print("deleted", deleted(50))
print("recursive", recursive(100))
print("searching", searching(100))
print("raising", raising(50))
print("other_globals", other_globals(100))
print("generators", generators(100))
