"""Functions and generators that begin with a loop: the header is the entry, too."""

# expect-stdout:
#   gcd 21360
#   find 0 200
#   words 400 fox
#   naturals 80197 47850
#   below 10850 []
#   flags {'done': False, 'turns': 300}
#   fails 800
#   recursive [0, 1, 10, 34] 1000
#   [('call', 0), ('line', 1), ('line', 2), ('line', 1), ('line', 2), ('line', 1), ('line', 2), ('line', 1), ('line', 3), ('return', 3)]
#   [('call', 0), ('line', 1), ('line', 2), ('line', 3), ('line', 1), ('line', 2), ('line', 3), ('line', 4), ('exception', 4), ('return', 4), 'ValueError']
#   [('call', 0), ('line', 1), ('line', 2), ('line', 3), ('line', 1), ('line', 2), ('line', 3), ('line', 1), ('return', 1)]
#   lines [0, 1, 2]
# expect-no-event: ..."reason":"unknown-callee"..."callee":"Reader.skip"...
# expect-no-event: ..."reason":"unknown-callee"..."callee":"find"...
# expect-no-event: ..."reason":"unknown-callee"..."callee":"gcd"...
import sys


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def find(parent, x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def skip(self):
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1

    def word(self):
        self.skip()
        first = self.at
        while self.at < len(self.text) and self.text[self.at] != " ":
            self.at += 1
        return self.text[first:self.at]


def naturals(n):
    while True:
        yield n
        n += 1


def below(limit, n):
    while n < limit:
        yield n
        n += 2


def wait_for(flags):
    while not flags["done"]:
        flags["turns"] += 1
        flags["done"] = flags["turns"] % 3 == 0


def fails(n):
    while True:
        n -= 1
        if n < 0:
            raise ValueError(n)


def recursive(n):
    while n > 0:
        n -= 1
        if n % 3 == 0:
            return recursive(n) + 1
    return 0


def lines_of(function, *args):
    """The lines that a tracer sees, from the first one of the function."""
    lines = []

    def trace(frame, event, arg):
        if frame.f_code is function.__code__:
            lines.append((event, frame.f_lineno - function.__code__.co_firstlineno))
            return trace
        return None

    sys.settrace(trace)
    try:
        function(*args)
    except ValueError:
        lines.append("ValueError")
    finally:
        sys.settrace(None)
    return lines


def main():
    total = 0
    for i in range(1, 400):
        total += gcd(i * 12, 360)
    print("gcd", total)

    parent = list(range(200))
    for i in range(1, 200):
        parent[find(parent, i)] = find(parent, i * 7 % i)
    print("find", sum(find(parent, i) for i in range(200)), parent.count(0))

    reader = Reader("  the quick   brown fox " * 100)
    words = []
    while word := reader.word():
        words.append(word)
    print("words", len(words), words[-1])

    total = 0
    for n in naturals(3):
        if n > 400:
            break
        total += n
    numbers = naturals(10)
    print("naturals", total, sum(next(numbers) for _ in range(300)))
    print("below", sum(sum(below(40, i)) for i in range(100)), list(below(3, 4)))

    flags = {"done": False, "turns": 0}
    for i in range(200):
        wait_for(flags)
        flags["done"] = i % 2 == 0
    print("flags", flags)

    steps = 0
    for i in range(200):
        try:
            fails(i % 7)
        except ValueError as error:
            steps += error.__traceback__.tb_next.tb_lineno - fails.__code__.co_firstlineno
    print("fails", steps)
    print("recursive", [recursive(n) for n in (0, 1, 30, 100)], sum(recursive(60) for _ in range(50)))

    print(lines_of(gcd, 12, 18))
    print(lines_of(fails, 1))
    print(lines_of(wait_for, {"done": False, "turns": 1}))
    first = gcd.__code__.co_firstlineno
    print("lines", [line - first for _, _, line in gcd.__code__.co_lines()][:3])


main()
