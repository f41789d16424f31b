"""Exceptions that are raised and caught while a loop runs compiled."""

# expect-stdout:
#   3005000 3834861 45
#   2091900 ([(0, 30), (1, 30), (2, 30), (3, 30), (4, 30)], 100) 2357250 4500
#   ('Invalid', (2957,), ['2857', '2907', '2957'], 6) [('Invalid', 5)] {'KeyError'} (300, 0) 15000 4498500
#   2999 3000 2247006 [(3375750, 1625, None), (3375750, 1625, None), (3375250, 2500, 2999), (0, 0, None)]
#   [('<module>', ['Coded', 'Invalid', 'Missing']), ('uncaught', ['i', 'n']), ('check', ['value'])]
#   3005000 3834861 45
#   2091900 ([(0, 30), (1, 30), (2, 30), (3, 30), (4, 30)], 100) 2357250 4500
#   ('Invalid', (2957,), ['2857', '2907', '2957'], 6) [('Invalid', 5)] {'KeyError'} (300, 0) 15000 4498500
#   2999 3000 2247006 [(3375750, 1625, None), (3375750, 1625, None), (3375250, 2500, 2999), (0, 0, None)]
#   [('<module>', ['Coded', 'Invalid', 'Missing']), ('uncaught', ['i', 'n']), ('check', ['value'])]
#   3005000 3834861 45
#   2091900 ([(0, 30), (1, 30), (2, 30), (3, 30), (4, 30)], 100) 2357250 4500
#   ('Invalid', (2957,), ['2857', '2907', '2957'], 6) [('Invalid', 5)] {'KeyError'} (300, 0) 15000 4498500
#   2999 3000 2247006 [(3375750, 1625, None), (3375750, 1625, None), (3375250, 2500, 2999), (0, 0, None)]
#   [('<module>', ['Coded', 'Invalid', 'Missing']), ('uncaught', ['i', 'n']), ('check', ['value'])]

import sys


class Invalid(Exception):
    pass


class Coded(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Other(Invalid):
    pass


def same_frame(n):
    total = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(i)
            total += i
        except ValueError:
            total -= 1
        total += 2
    return total


def check(value):
    if value % 5 == 0:
        raise Invalid("five")
    if value % 7 == 0:
        raise Coded(value, "seven")
    if value % 11 == 0:
        raise Other
    return value


def called(n):
    total = 0
    for i in range(n):
        try:
            total += check(i)
        except Coded as error:
            total += error.code * 2
        except Invalid as error:
            total += len(error.args)
    return total


def missing(n, table, items):
    total = 0
    for i in range(n):
        try:
            total += table[i % 10]
        except KeyError:
            total += 1
        try:
            total += items[i % 10]
        except IndexError:
            total += 3
        try:
            total += i // (i % 4)
        except ZeroDivisionError:
            total += 5
        try:
            total += int(table[0] if i % 6 else "x")
        except (ValueError, TypeError):
            total += 7
    return total


def memo(n):
    table = {}
    for i in range(n):
        key = i % 100
        try:
            table[key] += 1
        except KeyError:
            table[key] = 1
    return sorted(table.items())[:5], len(table)


def finally_and_more(n):
    total = 0
    for i in range(n):
        try:
            try:
                if i % 4 == 1:
                    raise Invalid(i)
                total += 1
            finally:
                total += 10
        except Invalid:
            total += 100
        else:
            total += 1000
    return total


def again(n):
    total = 0
    for i in range(n):
        try:
            try:
                if i % 4 == 1:
                    raise KeyError(i)
            except KeyError as error:
                total += 1
                raise Invalid("again") from error
        except Invalid:
            total += 2
        try:
            try:
                if i % 4 == 2:
                    raise KeyError(i)
            except LookupError:
                raise
        except KeyError:
            total += 3
    return total


def kept(n):
    last = None
    texts = []
    for i in range(n):
        try:
            if i % 50 == 7:
                raise Invalid(i)
        except Invalid as error:
            last = error
            texts.append(str(error))
    return type(last).__name__, last.args, texts[-3:], last.__traceback__.tb_lineno - kept.__code__.co_firstlineno


def looked_at(n):
    seen = set()
    for i in range(n):
        try:
            if i % 20 == 3:
                raise Invalid(i)
        except Invalid:
            kind, value, trace = sys.exc_info()
            seen.add((kind.__name__, trace.tb_lineno - looked_at.__code__.co_firstlineno))
        if sys.exc_info()[1] is not None:
            seen.add("left over")
    return sorted(seen, key=str)


def context(n):
    seen = set()
    for i in range(n):
        try:
            try:
                if i % 20 == 3:
                    raise KeyError(i)
            except KeyError:
                if i % 40 == 3:
                    raise Invalid(i)
        except Invalid as error:
            seen.add(type(error.__context__).__name__)
    return seen


class Noisy:
    alive = 0

    def __init__(self):
        Noisy.alive += 1

    def __del__(self):
        Noisy.alive -= 1


def hold(i):
    noisy = Noisy()
    if i % 10 == 4:
        raise Invalid(i)
    return noisy


def lifetimes(n):
    most = []
    for i in range(n):
        try:
            hold(i)
        except Invalid:
            most.append(Noisy.alive)
    return sum(most), Noisy.alive


def value_of(text):
    try:
        return int(text)
    except ValueError:
        return -1


def returns(n):
    total = 0
    texts = ["1", "22", "x", "", "4"]
    for i in range(n):
        total += value_of(texts[i % 5])
    return total


def looping(n):
    total = 0
    for i in range(n):
        try:
            raise Other(i)
        except Invalid:
            total += i
            continue
        total += 1000000
    return total


def breaking(n):
    for i in range(n):
        try:
            if i == n - 1:
                raise Invalid
        except Invalid:
            break
    return i


class Missing:
    pass


def attributes(n):
    empty, total = Missing(), 0
    for i in range(n):
        try:
            total += empty.value
        except AttributeError:
            total += 1
    return total


def uncaught(n):
    for i in range(n):
        try:
            check(i * 35 + 1 if i < n - 1 else 5)
        except Coded:
            pass


class State:
    def __init__(self):
        self.count, self.errors, self.last = 0, 0, None

    def step(self, value):
        if value % 4 == 3:
            raise ValueError("three")
        self.count += value


class Slotted:
    __slots__ = ("count", "errors", "last")
    __init__ = State.__init__
    step = State.step


def states(n):
    state, slotted = State(), Slotted()
    both = [state, state, slotted, State()]
    for i in range(n):
        try:
            state.step(i)
        except ValueError:
            state.errors += 1
            state.count -= 1
            state.errors += state.count & 1
        try:
            slotted.step(i)
        except ValueError:
            slotted.last = i
            slotted.errors += slotted.last & 3
            slotted.count -= slotted.errors & 1
        one, other = both[i % 4], both[i % 3]
        try:
            one.step(i % 8)
        except ValueError:
            one.errors += 1
            other.errors += one.errors & 7
            one.errors -= 1
    return [(each.count, each.errors, each.last) for each in both]


def pop(n):
    stack, total = [1, 2, 3], 0
    for i in range(n):
        try:
            total += stack.pop()
        except IndexError:
            stack.append(i)
    return total


for repeat in range(3):
    print(same_frame(3000), called(3000), looping(10))
    print(missing(3000, {1: 1, 2: 2, 3: 3, 0: 4}, [1, 2, 3]), memo(3000), finally_and_more(3000), again(3000))
    print(kept(3000), looked_at(3000), context(3000), lifetimes(3000), returns(3000), looping(3000))
    print(breaking(3000), attributes(3000), pop(3000), states(3000))
    try:
        uncaught(1000)
    except Invalid as error:
        frames, trace = [], error.__traceback__
        while trace:
            frames.append((trace.tb_frame.f_code.co_name, sorted(trace.tb_frame.f_locals)[:3]))
            trace = trace.tb_next
        print(frames)
