"""Lists that are made, changed, joined, sliced and searched in hot loops; elements die when the list gives them up."""

# expect-stdout:
#   (18000, 9, [800, 2000.0, 'x', 1, 2, 800, 3, 4, 800])
#   (-29879, [1991, 1995, -1990, 1990, 1989])
#   ([1, 0, 1, 498, 499], [1, 0, 1, 2], 21)
#   83000
#   (214500, 599, 0)
#   37406238
#   (77, [3, 4, 5, 6, 7, 0, 3])
#   (11574, 156, 300)
#   6600
#   (400, 'pop from empty list')
# expect-event: ..."kind":"loop"...


def building(n):
    total = 0
    rows = []
    for i in range(n):
        row = [i, i * 2.5, "x"]
        empty = []
        empty.append(i)
        row.extend((1, 2))
        row.extend(empty)
        row += [3]
        row += (4, i)
        long = [i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        total += len(row) + long[10] + row[3]
        if i % 100 == 0:
            rows.append(row)
    return total, len(rows), rows[-1]


print(building(900))


def methods(n):
    stack = []
    out = 0
    for i in range(n):
        stack.append(i)
        stack.append(-i)
        if i % 3 == 0:
            out += stack.pop()
        if i % 5 == 0:
            out ^= stack.pop(0)
        if i % 7 == 0:
            stack.insert(1, i)
            stack.insert(-2, 7)
            stack.insert(10**6, 8)
        if i % 11 == 0:
            stack.reverse()
        if len(stack) > 50:
            kept = stack.copy()
            stack.clear()
            out += len(kept) - len(stack) + kept[-1]
    return out, stack[:5]


print(methods(2000))


def in_place(n):
    a = [1]
    b = a
    for i in range(n):
        a += [i]
        if len(a) > 20:
            a = a[:3] + a[-2:]
    return a, b[:4], len(b)


print(in_place(500))


def itself(n):
    total = 0
    for i in range(n):
        a = [i, 2]
        a.extend(a)
        a += a
        total += len(a) + a[4]
    return total


print(itself(400))


def slices(n):
    xs = list(range(30))
    t = (1, 2, 3, 4)
    s = "some text\u20ac"
    total = 0
    for i in range(n):
        k = i % 12
        total += len(xs[k:]) + len(xs[:k]) + len(xs[k:-2]) + sum(xs[1:4]) + len(t[1:k]) + len(s[k:]) + len(s[:-3])
        total += len(xs[::2]) + xs[-5:][0]
        part = xs[:]
        part[0] = i
        total += len(xs + part) + len([0] * k) + len(2 * t) + len(t + (i,))
        if s[k : k + 1] == "t":
            total += 1000
    return total, part[0], xs[0]


print(slices(600))


def search(n):
    xs = [1, 2.5, "three", (4, 5), None]
    names = ("a", "b")
    r = range(0, 100, 7)
    hits = 0
    for i in range(n):
        if i % 9 in xs:
            hits += 1
        if (4, i % 6) in xs:
            hits += 10
        if "ab"[i % 2] in names:
            hits += 100
        if "hre" in "three" and i in r:
            hits += 1000
        if i % 3 not in [0, 1] and i not in (7, 8, 300):
            hits += 10000
        if (i % 4, 1) < (2, 0) and [i % 4] != [3]:
            hits += 100000
    return hits


print(search(700))


class Equal:
    def __init__(self, log):
        self.log = log

    def __eq__(self, other):
        self.log.append(other)
        return other == 5

    def __hash__(self):
        return 5


def compares(n):
    log = []
    xs = [1, 2]
    found = 0
    for i in range(n):
        if i == n - 10:
            xs.append(Equal(log))
        if i % 8 in xs:
            found += 1
    return found, log


print(compares(300))


class Noisy:
    gone = 0

    def __init__(self, n):
        self.n = n

    def __del__(self):
        Noisy.gone += 1


def finalised(n):
    seen = []
    held = [Noisy(i) for i in range(n)]
    for i in range(n):
        if i % 2:
            last = held.pop()
            seen.append(Noisy.gone)
        elif i % 50 == 10:
            held[-3:]
            tail = held[-1:]
            tail.clear()
            seen.append(Noisy.gone)
    last = None
    held.clear()
    return sum(seen), len(seen), Noisy.gone


print(finalised(300))


def comprehensions(n):
    total = 0
    for i in range(n):
        squares = [x * x for x in range(5)]
        chosen = [c for c in "letters" if c > "l"]
        total += squares[-1] + len(chosen) + len([j for j, _ in enumerate(squares) if j % 2])
    return total


print(comprehensions(300))


def popped_out(n):
    xs = list(range(n))
    try:
        for i in range(2 * n):
            xs.pop()
    except IndexError as error:
        return i, str(error)


print(popped_out(400))
