"""Functions that are replaced, or get other code, while a hot loop calls them."""

# expect-stdout:
#   2130251.0 2130251.0
#   1999402
#   3475708
#   6203600
#   (2158200, 2400, {'inner'})
#   (1501, 1125750, "'NoneType' object is not callable")


def f(x):
    return x + 1


def g(x):
    return x * 2


def loop(count):
    global f
    total = 0
    original = f
    for i in range(count):
        total += f(i)
        if i == 1000:
            f = g
        if i == 1500:
            f = lambda x: 0.5
        if i == 1800:
            f = abs
    f = original
    return total


print(loop(2000), loop(2000))


def code_swapped(count):
    def h(x):
        return x + 1

    def k(x):
        return x - 1

    total = 0
    for i in range(count):
        total += h(i)
        if i == 1200:
            h.__code__ = k.__code__
    return total


print(code_swapped(2000))


class Account:
    rate = 2

    def value(self, n):
        return n * self.rate

    @staticmethod
    def plain(n):
        return n + 1

    @classmethod
    def of_class(cls, n):
        return n - cls.rate


def methods(count):
    account = Account()
    total = 0
    for i in range(count):
        total += account.value(i) + account.plain(i) + account.of_class(i) + Account.value(account, 1)
        if i == 800:
            Account.value = lambda self, n: -n
        if i == 1100:
            account.value = lambda n: 1
        if i == 1300:
            Account.rate = 7
        if i == 1500:
            del account.value
    return total


print(methods(2000))


class Callable:
    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return x + self.calls


def objects(count):
    thing = Callable()
    from functools import partial

    part = partial(pow, 2)
    total = 0
    for i in range(count):
        total += thing(i) + part(i % 10) + (lambda: i)()
    return total


print(objects(2000))


def decorated(count):
    calls = []

    def logging(function):
        def wrapper(*args, **kwargs):
            calls.append(function.__name__)
            return function(*args, **kwargs)

        return wrapper

    @logging
    def inner(a, b=1):
        return a * b

    total = 0
    for i in range(count):
        total += inner(i) + inner(i, b=2)
    return total, len(calls), set(calls)


print(decorated(1200))


def not_callable(count):
    target = abs
    total = 0
    try:
        for i in range(count):
            total += target(i)
            if i == 1500:
                target = None
    except TypeError as error:
        return i, total, str(error)


print(not_callable(2000))
