"""Objects as conditions: __bool__, __len__, neither; conditions that raise; `while` over a container."""

# expect-stdout:
#   1000 [500, 500, 500]
#   900
#   no answer
#   1999001
#   300


class Lamp:
    def __init__(self, lit):
        self.lit = lit
        self.asked = 0

    def __bool__(self):
        self.asked += 1
        return self.lit


class Bag:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Broken:
    def __bool__(self):
        raise RuntimeError("no answer")


def count(things, rounds):
    yes = 0
    for i in range(rounds):
        if things[i % len(things)]:
            yes += 1
    return yes


lamps = [Lamp(True), Lamp(False), Lamp(True)]
print(count(lamps, 1500), [lamp.asked for lamp in lamps])
print(count([Bag(0), Bag(3), object(), print, Lamp(False)], 1500))
try:
    count([1] * 1200 + [Broken()], 1300)
except RuntimeError as error:
    print(error)


def drain(n):
    stack = list(range(n))
    total = 0
    while stack:
        total += stack.pop()
        if total % 3 == 0 and total < 100000:
            stack.append(1)
    return total


print(drain(2000))


def drain_set(n):
    left = set(range(n))
    rounds = 0
    while left:
        left -= {min(left), max(left)}
        rounds += 1
    return rounds


print(drain_set(600))
