"""`==` and `!=` of lists, tuples and dicts: by value, elements that are the same object being equal, Python code where it is asked."""

# expect-stdout:
#   [300, 100, 200, 100, 200, 300, 200, 150]
#   [True, True, False, True, True, False, False, True, True, False, True]
#   [True, False, True, False, True, True] 40
#   ['1 with 2', '1 with 1'] [False, True]
#   200 ('RecursionError', 'Clash', 'Clash')
# expect-event: ..."kind":"loop"...

NAN = float("nan")


def counted(count):
    base, deep = [1, 2.5, "a", None, True], {"a": [1, {"b": (2, 3)}], 2: "x"}
    found = [0] * 8
    for number in range(count):
        found[0] += [1, 2.5, "a", None, True] == base
        found[1] += [number % 3, 2, 3] == [1, 2, 3]
        found[2] += (number % 3, "b") != (1, "b")
        found[3] += {"k": number % 3, "l": 2} == {"l": 2, "k": 1.0}
        found[4] += {"k": number % 3} != {"k": 1}
        found[5] += {2: "x", "a": [1, {"b": (2, 3)}]} == deep
        found[6] += [[number % 3], []] != [[0], []]
        found[7] += {number % 2: 1} == {True: 1}
    return found


def mixed(count):
    same, other = [NAN], [float("nan")]
    huge = 1 << 70
    for _ in range(count):
        found = [
            same == [NAN],
            {"n": NAN} == {"n": NAN},
            same == other,
            [1] == [1.0],
            [2**53 + 1] != [float(2**53 + 1)],
            [1] == (1,),
            ["1"] == [1],
            [huge, huge + 1] == [1 << 70, (1 << 70) + 1],
            {"a": b"x", "b": 2j} == {"b": 2j, "a": b"x"},
            [[]] != [[]],
            {} == {},
        ]
    return found


class Odd:
    def __init__(self, number, trail=None):
        self.number = number
        self.trail = trail

    def __eq__(self, other):
        if self.trail is not None:
            self.trail.append(f"{self.number} with {other.number}")
        return self.number % 2 == other.number % 2

    __hash__ = None


class Clash(int):
    def __eq__(self, other):
        raise ValueError("not comparable")

    __hash__ = int.__hash__


def asked(count):
    total = 0
    for number in range(count):
        a, b = Odd(number), Odd(number + 2)
        found = [[a] == [b], [a] == [Odd(number + 1)], {"k": a} == {"k": b}, {"k": a} != {"k": b}, (a, 1) == (b, 1), a == b]
        total += found[0]
    trail = []
    return found, total, trail, [[Odd(1, trail)] == [Odd(2)], [Odd(1, trail)] == [Odd(1)]]


def raises(count):
    kinds = [None] * 3
    knot = []
    knot.append(knot)
    twin = []
    twin.append(twin)
    raised = 0
    for number in range(count):
        try:
            if number % 50 == 49:
                found = knot == twin
            elif number % 2:
                found = [Clash(1)] == [number]
            else:
                found = {"a": Clash(1)} != {"a": number}
            kinds[0] = found
        except RecursionError:
            raised += 1
            kinds[0] = "RecursionError"
        except ValueError:
            raised += 1
            kinds[1 + number % 2] = "Clash"
    return raised, tuple(kinds)


print(counted(300))
print(mixed(200))
found, total, trail, ends = asked(40)
print(found, total)
print(trail, ends)
print(*raises(200))
