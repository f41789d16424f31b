"""What natives get of `zip`, `enumerate` and `map`: over containers that change, that end early, of odd elements."""

# expect-stdout:
#   [(0, 4, 'a'), (1, 5, 'b'), (2, 6, 'c')]
#   []
#   [(0, 0), (1, 1)]
#   [(1, 2), (2, 4), (3, 6), (3, 6), (6, 12), (9, 18)]
#   ([(1, 10)], [3], [])
#   [((0, '0'), ('a', 1.5), (4611686018427387904, 'x')), ((1, '1'), ('b', 2.5), (4611686018427387905, 'y'))]
#   {'a': 0, 'b': 1, 'c': 2}
#   ['-1', '-9223372036854775808', '0', '1', '100000000000000000000', '1025', '9223372036854775807']
#   ['a', 'True', 'None', '2.0', 'sub', 'w']
#   [12, -7, 7, 3, 1000, 999999999999999999, 9999999999999999999, 0, 5, 4, 1, 2, 3]
#   [5, 3]
#   ValueError: invalid literal for int() with base 10: 'x'
#   ValueError: invalid literal for int() with base 10: ''
#   ValueError: invalid literal for int() with base 10: '-'
#   [0, 1, 2]
#   ZeroDivisionError: division by zero
#   TypeError: 'int' object is not iterable
#   ValueError: zip() argument 2 is shorter than argument 1
#   ZeroDivisionError: division by zero
#   [(100000000000000000000, 'a'), (100000000000000000001, 'b')]
#   [(9223372036854775807, 0), (9223372036854775808, 1)]
#   [(1, 2)]
#   [(5, 4611686018427387904), (3, 4611686018427387907), (1, 4611686018427387910)]
#   3
#   (2,)
#   [(1, 'a'), (2, 'b'), (3, 'c')]
#   (1, 9)
class Sub(int):
    def __str__(self):
        return "sub"


class Words(str):
    def __int__(self):
        return 5


class Zip(zip):
    pass


def upto(n):
    for i in range(n):
        yield i


def growing():
    xs = [1, 2, 3]
    out = []
    for a, b in zip(xs, map(lambda x: x * 2, xs)):
        if len(xs) < 6:
            xs.append(a + b)
        out.append((a, b))
    return out


def stops(x):
    if x == 3:
        raise StopIteration
    return x


def fails(x):
    return 10 // (2 - x)


def caught(what, *args):
    try:
        return what(*args)
    except (ValueError, ZeroDivisionError, TypeError, OverflowError) as error:
        return type(error).__name__ + ": " + str(error)


def left_over():
    a, b = iter([1, 2, 3]), iter([10])
    return list(zip(a, b)), list(a), list(zip(b, a))


def deep():
    return list(zip(enumerate(map(str, range(3))), zip("ab", [1.5, 2.5]), enumerate("xyz", 1 << 62)))


def results():
    return [
        list(zip(range(3), [4, 5, 6], "abc")), list(zip()), list(zip(upto(3), upto(2))), growing(), left_over(), deep(),
        dict(zip("abc", range(3))), set(map(str, (1, -1, 0, 10**20, 1025, -(2**63), 2**63 - 1))),
        list(map(str, ("a", True, None, 2.0, Sub(7), Words("w")))),
        list(map(int, ("12", "-7", "007", " 3 ", "1_000", "9" * 18, "9" * 19, "-0", "+5", 4, True, 2.9, Sub(3)))),
        list(map(int, (Words("3"), "\u0663"))), caught(lambda: list(map(int, ("1", "x")))),
        caught(lambda: list(map(int, ("", "1")))), caught(lambda: list(map(int, ("-",)))),
        list(map(stops, range(6))), caught(lambda: list(map(fails, range(5)))), caught(lambda: list(zip([1], 5))),
        caught(lambda: list(zip([1, 2], [1], strict=True))), caught(lambda: list(map(divmod, [7, 9], [2, 0]))),
        list(enumerate("ab", 10**20)), list(enumerate(range(2), 2**63 - 1)), list(Zip([1], [2])),
        list(zip(range(5, 0, -2), range(2**62, 2**62 + 9, 3))), sum(map(len, ["a", "bc", ()])), list(zip([1, 2]))[-1],
        sorted(zip([3, 1, 2], "cab"), key=lambda pair: pair[1]), max(enumerate([5, 9, 2]), key=lambda pair: pair[1]),
    ]


for _ in range(60):
    found = results()
for result in found:
    print(result if not isinstance(result, set) else sorted(result))
