"""Text that grows in a loop: `s += t`, where the old text is needed no more, and where something else still has it."""

# expect-stdout:
#   (1100, True)
#   ([2, 152, 302, 452, 602, 752], 842, True, 300)
#   (['x', 'yy'], 'x!', 'yy?')
#   (200, 30, True)
#   ('abb', 'bab', 1)
#   (37, '0123456789101112131415', '292293294295296297298', '299')
#   (303, 'éxxé', b'xx\xf0\x9f\x98\x80')
#   ('begin', 'begin299', 'begin299begin299')
#   (20100, 'abcd')
#   (396, True)
# expect-event: ..."kind":"loop"...


def grow(words, count):
    text = ""
    for i in range(count):
        text += words[i % len(words)]
    return len(text), hash(text) == hash("".join(words[i % len(words)] for i in range(count)))


def kept(count):
    text, seen = "", []
    for i in range(count):
        text += "ab"
        if i % 50 == 0:
            seen.append(text)
        if i % 70 == 0:
            other = text
        text = text + "c"
    return [len(one) for one in seen], len(other), seen[1] == "abc" * 50 + "ab", text.count("abc")


def from_list(count):
    words = ["x", "yy"]
    for i in range(count):
        first = words[0]
        first = first + "!"
        second = words[i % 2]
        second += "?"
    return words, first, second


def keys(count):
    text, found = "a", {}
    for i in range(count):
        found[text] = i
        text += "b"
    return len(found), found["a" + "b" * 30], max(found, key=len) + "b" == text


def twice(count):
    text = same = "z"
    for i in range(count):
        text += "ab"
        same = text
        text += text[-1]
        if i % 20 == 0:
            text += text
            text = text[-5:]
    return text[-3:], same[-3:], len(text) - len(same)


def parts(count):
    line, lines = "", []
    for i in range(count):
        line += str(i)
        if len(line) > 20:
            lines.append(line)
            line = ""
    return len(lines), lines[0], lines[-1], line


def other_kinds(count):
    text = ""
    for i in range(count):
        text += "é" if i % 3 == 0 else "x"
        text += "\U0001f600" if i % 100 == 99 else ""
    return len(text), text[:4], text.encode("utf-8")[-6:]


def passed(count):
    def add(text, more):
        text += more
        return text

    begin, out = "begin", ""
    for i in range(count):
        out = add(begin, str(i))
        begin2 = add(out, out)
    return begin, out, begin2


def in_generator(count):
    def texts():
        text = ""
        for i in range(count):
            text += chr(97 + i % 26)
            yield text

    return sum(map(len, texts())), list(texts())[3]


def raised(count):
    text = ""
    try:
        for i in range(count):
            text += "ab"
            if i == count - 3:
                text += None
    except TypeError as error:
        return len(text), error.__traceback__.tb_frame.f_locals["text"] is text
    return None


print(grow(["the", "quick", "", "fox"], 400))
print(kept(300))
print(from_list(300))
print(keys(200))
print(twice(300))
print(parts(300))
print(other_kinds(300))
print(passed(300))
print(in_generator(200))
print(raised(200))
