"""__del__ runs when the last reference goes, in the very iteration, also in hot code."""

# expect-stdout:
#   (1, 1) 0 [0, 500, 1000, 1500, 2000]
#   ('dead at once', 0) [0, 500, 1000, 1500, 2000]
#   [(0, 'a'), (0, 'middle'), (0, 'b'), (0, 'end'), (1, 'a')]
#   [(1, 'middle'), (1, 'b'), (1, 'end'), (2, 'a'), (2, 'middle')]
#   4800
#   [(1198, 'end'), (1199, 'a'), (1199, 'middle'), (1199, 'b'), (1199, 'end')]
#   0 0
#   (9, 9, 0)
#   0
#   1124250 0
#   [0, 500, 1000] 1
#   [0, 500, 1000, 1500] 0

import gc

gc.disable()
log = []


class Mortal:
    alive = 0

    def __init__(self, n):
        self.n = n
        Mortal.alive += 1

    def __del__(self):
        Mortal.alive -= 1
        if self.n % 500 == 0:
            log.append(self.n)


def made_and_dropped(count):
    most = 0
    for i in range(count):
        m = Mortal(i)
        if Mortal.alive > most:
            most = Mortal.alive
    return most, Mortal.alive


print(made_and_dropped(2001), Mortal.alive, log)
log.clear()


def never_named(count):
    for i in range(count):
        Mortal(i)
        if Mortal.alive:
            return "alive after its last reference", i
    return "dead at once", Mortal.alive


print(never_named(2001), log)
log.clear()


def ordered(count):
    events = []

    class Noisy:
        def __init__(self, n):
            self.n = n

        def __del__(self):
            events.append(self.n)

    for i in range(count):
        a = Noisy((i, "a"))
        b = Noisy((i, "b"))
        a = b
        events.append((i, "middle"))
        b = None
        a = None
        events.append((i, "end"))
    return events[:5], events[5:10], len(events), events[-5:]


print(*ordered(1200), sep="\n")


def replaced(count):
    keep = Mortal(0)
    wrong = 0
    for i in range(count):
        keep = Mortal(i)
        if Mortal.alive != 1:
            wrong += 1
    return wrong


print(replaced(1500), Mortal.alive)


def in_list(count):
    items = [None] * 10
    most = 0
    for i in range(count):
        items[i % 10] = Mortal(i)
        if i % 7 == 0:
            items[i % 10] = None
        if Mortal.alive > most:
            most = Mortal.alive
    left = Mortal.alive
    items.clear()
    return most, left, Mortal.alive


print(in_list(2000))


def after_exception(count):
    survivors = 0
    for i in range(count):
        try:
            m = Mortal(i)
            if i % 3 == 0:
                raise ValueError
        except ValueError:
            pass
        del m
        survivors += Mortal.alive
    return survivors


print(after_exception(1500))


def argument(m):
    return m.n


def as_argument(count):
    total = 0
    for i in range(count):
        total += argument(Mortal(i)) + Mortal.alive
    return total


print(as_argument(1500), Mortal.alive)
log.clear()
for i in range(1501):
    thing = Mortal(i)
    pair = (thing, i)
    thing = pair
print(log, Mortal.alive)
del thing, pair
print(log, Mortal.alive)
