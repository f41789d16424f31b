"""Properties that are set, classes with `__getattr__`, and setters that raise, in a loop and inside inlined calls."""

# expect-stdout:
#   (13844081, 30, 5965, [(('pays', 5), ('pay', -20), ('cents', -26)), (('pays', 6), ('cents', -26))])
#   (13844081, 30, 5965, [(('pays', 5), ('pay', -20), ('cents', -26)), (('pays', 6), ('cents', -26))])
#   (6354670, 14667)
#   (0, 1499)

import traceback


class Account:
    rate = 3

    def __init__(self):
        self._cents = 0
        self.changes = 0

    @property
    def cents(self):
        return self._cents

    @cents.setter
    def cents(self, value):
        if value % 97 == 96:
            raise ValueError(f"not {value}")
        self._cents = value
        self.changes += 1
        return "nobody sees this"

    def pay(self, n):
        self.cents = self.cents + n
        return self._cents


class Open(Account):
    def __getattr__(self, name):
        if name.startswith("x"):
            return len(name)
        raise AttributeError(name)

    @property
    def broken(self):
        if self.changes % 3 == 0:
            raise AttributeError("xbroken")
        return self.changes

    def double(self, n):
        return 2 * n + self.rate


def pays(account, n):
    total = failed = 0
    lines = set()
    for k in range(n):
        try:
            total += account.pay(k % 11)
            account.cents -= k % 5
        except ValueError as error:
            failed += 1
            lines.add(tuple((e.name, e.lineno - pays.__code__.co_firstlineno) for e in traceback.extract_tb(error.__traceback__)))
            account._cents += 7
    return total, failed, account.changes, sorted(lines)


def opens(n):
    o = Open()
    total = missing = 0
    for k in range(n):
        total += o.double(k) + o.xyz + o.rate
        o.changes = k
        try:
            total += o.broken
        except AttributeError:
            missing += 1
        method = o.double
        total += method(1)
        try:
            o.nothing
        except AttributeError as error:
            missing += len(str(error))
        if k == n // 2:
            o.xyz = 1000
    return total, missing


class Loud:
    def __del__(self):
        Loud.gone += 1

    gone = 0


class Holder:
    @property
    def item(self):
        return self._item

    @item.setter
    def item(self, value):
        self._item = value


def holds(n):
    h = Holder()
    seen = 0
    for k in range(n):
        h.item = Loud()
        seen += Loud.gone - k
    return seen, Loud.gone


print(pays(Account(), 3000))
print(pays(Open(), 3000))
print(opens(2000))
print(holds(1500))
