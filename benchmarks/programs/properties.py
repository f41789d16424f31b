"""A class that is all properties: computed, checked when set, cached, and from a descriptor.

What it measures: getters and setters inlined, a descriptor written in Python, `__getattr__` for what is not there,
class attributes as defaults.
"""

SCALE = 60_000
SMALL = 600
REPEATS = 8


class Clamped:
    """A descriptor that keeps a number between two bounds."""

    def __init__(self, name, low, high):
        self.name = "_" + name
        self.low = low
        self.high = high

    def __get__(self, instance, owner):
        return getattr(instance, self.name, self.low)

    def __set__(self, instance, value):
        if value < self.low:
            value = self.low
        elif value > self.high:
            value = self.high
        setattr(instance, self.name, value)


class Account:
    fee = 2
    level = Clamped("level", 0, 9)

    def __init__(self):
        self._cents = 0
        self._changes = 0

    @property
    def cents(self):
        return self._cents

    @cents.setter
    def cents(self, value):
        if value < 0:
            value = 0
        self._cents = value
        self._changes += 1

    @property
    def euros(self):
        return self.cents // 100

    @property
    def rich(self):
        return self.euros > 1_000

    def __getattr__(self, name):
        if name == "bonus":
            return 5
        raise AttributeError(name)


def main(scale=SCALE):
    """Pays in and takes out; returns what is left."""
    account = Account()
    total = 0
    for i in range(scale):
        account.cents += 100 + i % 7
        account.level = i % 13 - 2
        if account.rich:
            account.cents -= 50_000 + account.fee
        total += account.euros + account.level + account.bonus
    return total, account.cents


if __name__ == "__main__":
    print(main())
