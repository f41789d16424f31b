"""Strings in hot loops: building, slicing, comparing, formatting, methods; ord and chr."""

# expect-stdout:
#   abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx
#   'wkh txlfn eurzq ira mxpsv ryhu wkh odcb grj ' 'the quick brown fox '
#   (637557, '1999:285.571:  1999|x1999-False07cf')
#   89970
#   (900, 360)
#   1328
#   332833500


def build(count):
    text = ""
    for i in range(count):
        text += chr(97 + i % 26)
        if len(text) > 60:
            text = text[30:]
    return text


print(build(2000))


def caesar(text, shift):
    out = []
    for c in text:
        if "a" <= c <= "z":
            c = chr((ord(c) - 97 + shift) % 26 + 97)
        out.append(c)
    return "".join(out)


secret = caesar("the quick brown fox jumps over the lazy dog " * 30, 3)
print(repr(secret[:44]), repr(caesar(secret, -3)[:20]))


def formats(count):
    total = 0
    for i in range(count):
        text = f"{i}:{i / 7:.3f}:{i!r:>6}|{'x' * (i % 3)}" + "%d-%s" % (i, i % 2 == 0) + "{:04x}".format(i)
        total = (total * 31 + len(text) + ord(text[-1])) % 1000003
    return total, text


print(formats(2000))


def palindromes(limit):
    found = 0
    for n in range(limit):
        text = str(n)
        if text == text[::-1]:
            found += n
    return found


print(palindromes(3000))


def compare(count):
    words = ["apple", "banana", "apple pie", "Éclair", "zebra", ""]
    less = same = 0
    for i in range(count):
        a = words[i % 6]
        b = words[(i // 6) % 6]
        if a < b:
            less += 1
        elif a == b:
            same += 1
    return less, same


print(compare(2160))


def failing(count):
    failures = 0
    for i in range(count):
        try:
            "abc"[i % 7]
            ord("ab"[: i % 3])
            chr(0x110000 - 500 + i)
        except (IndexError, TypeError, ValueError, OverflowError):
            failures += 1
    return failures


print(failing(1400))


def numbers(count):
    total = 0
    for line in ["%d, %d;%d" % (i, -i, i * i) for i in range(count)]:
        for part in line.replace(";", ",").split(","):
            total += int(part.strip())
    return total


print(numbers(1000))
