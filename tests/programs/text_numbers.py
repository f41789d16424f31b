"""`int` and `float` of text in loops: digits, signs, white space, bases, what is too large, written in another way, or no number."""

# expect-stdout:
#   499500 499500.0 -4950 0
#   ints 43 [0, 7, -7, 12, 35, 255, 1000, 9223372036854775807, 9223372036854775808, -9223372036854775808, 1180591620717411303424]
#   floats ['-0.0', '0.5', '1.0', '100000.0', '1e+300', '5e-324', 'inf', 'nan', '12.0', '3.25', '-1.5']
#   wrong 10 ['', '-', '.', '1 2', '1..', 'e5', 'x', '1e', '\x1c', '٣x']
#   [10, 2, 16, 8, 36] 111 ZeroDivisionError


def plain(count):
    ints, floats, negative = 0, 0.0, 0
    for number in range(count):
        ints += int(str(number))
        floats += float(str(number))
        negative += int(f" -{number % 100}\n") if number < 100 else 0
    return ints, floats, negative, int("0" * 30)


def all_of(convert, texts, rounds):
    """Each text meets code that was compiled for others."""
    found = []
    for text in texts * rounds:
        try:
            found.append(convert(text))
        except ValueError:
            found.append("wrong")
    return found


INTS = [
    "0", "7", "-7", "+12", "3_5", " 255\t", "\r\n1000 ", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "1180591620717411303424",
]
FLOATS = ["-0", "0.5", "1.", "1e5", "1e300", "5e-324", "inf", "nan", "1_2.0", " 3.25\n", "-1.5"]
WRONG = ["", "-", ".", "1 2", "1..", "e5", "x", "1e", "\x1c", "\u0663x"]


def in_bases(rounds):
    total = set()
    for turn in range(rounds):
        for text, base in [("1010", 2), ("10", 2), ("10", 16), ("10", 8), ("10", 36), ("0x10", 16), ("10", 0)]:
            total.add(int(text, base))
    return sorted(total, key=[10, 2, 16, 8, 36].index)


def main():
    print(*plain(1000))
    ints = all_of(int, INTS, 40)
    assert ints == ints[: len(INTS)] * 40
    print("ints", len(set(map(str, ints))) + 32, ints[: len(INTS)])
    floats = all_of(float, FLOATS, 40)
    assert list(map(str, floats)) == list(map(str, floats[: len(FLOATS)])) * 40
    print("floats", list(map(str, floats[: len(FLOATS)])))
    kinds = all_of(int, WRONG + INTS, 20) + all_of(float, WRONG + FLOATS, 20)
    print("wrong", kinds.count("wrong") // 40, [text for text in WRONG if all_of(float, [text], 1) == ["wrong"]])
    try:
        print(in_bases(60), sum(int(c) for c in "3" * 37), 1 / int("0"))
    except ZeroDivisionError as error:
        print(in_bases(60), sum(int(c) for c in "3" * 37), type(error).__name__)


main()
