"""Bytes compared, joined and cut; `hash` of what is hashed without Python code, and of what is not."""

# expect-stdout:
#   19885
#   [b'abab', bytearray(b'abab'), (True, False), (True, False), (False, True, False, True), (False, True, False, True)]
#   ['TypeError', 'TypeError', (False, True), (False, True), 'TypeError', 'TypeError']
#   [b'abab', b'own', ('own', False), ('own', False), (False, True, False, True), (False, True, False, True)]
#   ['TypeError', 'TypeError', (False, True), (False, True), 'TypeError', 'TypeError']
#   ['TypeError', 'TypeError', (False, True), (False, True), 'TypeError', 'TypeError']
#   [b'abab', 'TypeError', (True, False), (True, False), 'TypeError', 'TypeError']
#   ['TypeError', 'TypeError', (False, True), (False, True), 'TypeError', 'TypeError']
#   450 True
#   5600 -2 0 1 2 1
#   TypeError.TypeError.TypeError.TypeError.TypeError.TypeError
#   True 1 [-2, 2, 3]

import enum


class Own(bytes):
    def __add__(self, other):
        return b"own"

    def __eq__(self, other):
        return "own"

    __hash__ = bytes.__hash__


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y, "point"))


class Color(enum.Enum):
    RED = 1
    BLUE = 2


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return type(error).__name__


def joined(left, right):
    return left + right


def compared(left, right):
    return left == right, left != right


def ordered(left, right):
    return left < right, left <= right, left > right, left >= right


def cut(whole, start, stop):
    return whole[start:stop], whole[start:], whole[:stop], whole[:]


PIECES = [b"", b"a", b"ab", b"abc\xff", b"\x00", b"b"]
OTHERS = [bytearray(b"ab"), "ab", Own(b"ab"), 3, None, memoryview(b"ab"), [1]]


def main():
    digest = 0
    for step in range(1500):
        left, right = PIECES[step % 6], PIECES[step // 6 % 6]
        made = joined(left, right)
        made += right
        digest = (digest * 31 + sum(made) + sum(compared(left, right)) + 4 * sum(ordered(left, right))) % 1000003
        for part in cut(made, step % 9 - 4, step % 7 - 3):
            digest = (digest * 7 + len(part) + sum(part)) % 1000003
    print(digest)
    for other in OTHERS:
        for _ in range(50):
            found = [failing(ask, *pair) for ask in (joined, compared, ordered) for pair in ((b"ab", other), (other, b"ab"))]
        print(found)
    grown = b""
    for step in range(300):
        grown += b"x" if step % 2 else b"yz"
    print(len(grown), hash(grown) == hash(bytes(bytearray(grown))))


def hashes():
    same = 0
    kept = {}
    values = [0, 1, -1, 1 << 61, (1 << 61) - 1, 1 << 70, 2.5, float("inf"), True, None, "text", b"text", (), (1, ("a", 2.0))]
    for step in range(1400):
        value = values[step % len(values)]
        digest = hash(value)
        same += kept.setdefault(step % len(values), digest) == digest
        same += hash((step, value)) == hash((step, value))
        same += hash(Point(step, value)) == hash((step, value, "point"))
        same += hash(Color.RED) == hash(Color["RED"])
    print(same, hash(-1), hash((1 << 61) - 1), hash(1 << 61), hash(2.0), hash(True))
    others = [[1], ([1],), {1}, {}, bytearray(b"a"), Point([1], 2)]
    for other in others:
        for _ in range(60):
            found = failing(hash, other)
        print(found, end="." if other is not others[-1] else "\n")
    for step in range(200):
        if step == 120:
            Point.__hash__ = lambda self: 17
        found = hash(Point(1, 2)) == 17
    print(found, len({Point(1, 2), Point(1, 2)}), sorted(map(hash, [3, 2.0, -1])))


main()
hashes()
