"""Strings: comparison, indexing, joining, questions, ord and chr; also beyond ASCII and at the ends."""

# expect-stdout:
#   {'upper': 18, 'lower': 54, 'space': 72, 'digit': 24, 'op': 24, 'other': 24}
#   Khoor zùuog/ 漥孚 dqg pruh  150
#   (4949, 131) [('the', 90), ('and', 60), ('cat', 60)] 3318000 ((False, 'abcd', 'a', True), ('always', 'added', 'a', True))
# expect-event: ..."kind":"loop"...


def scan(text):
    kinds = {}
    i = 0
    while i < len(text):
        c = text[i]
        if c.isdigit():
            k = "digit"
        elif c.isalpha():
            k = "upper" if c.isupper() else "lower"
        elif c.isspace():
            k = "space"
        elif c in "+-*/" or "=" <= c <= ">":
            k = "op"
        else:
            k = "other"
        kinds[k] = kinds.get(k, 0) + 1
        i += 1
    return kinds


def shift(text, n):
    out = ""
    for c in text:
        if c != " ":
            out += chr((ord(c) + n) % 0x110000 if ord(c) < 0xd000 else ord(c))
        else:
            out = out + c
    return out


def ends(n):
    bad, t = 0, 0
    for i in range(n):
        s = str(i) + "x" * (i % 3)
        try:
            t += ord(s[i % 6])
        except IndexError:
            bad += 1
        try:
            t += ord(s)
        except TypeError:
            bad += 1
        if s[-1] == "x" or s[0] < "5" or s > "7" or "" in s and "9x" in s:
            t += 1
        t += s.find("x") + s.count("1") + len(s.split("x")) + len(s.upper()) + (s.replace("x", "y") != s)
        t += "".isdigit() + "²".isdigit() + "Ⅷ".isupper() + "ß".islower() + "a1".isalnum() + "é".isalpha() + "1A".isupper()
    return t, bad


def words(text, n):
    counts = {}
    for _ in range(n):
        for word in text.split():
            word = word.strip(".,").lower()
            if word:
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]


def surrogates(n):
    t = 0
    for i in range(n):
        c = chr(0xD800 + i % 4)
        t += ord(c) + (c == "\ud801") + len(c + "a") + (c in "a\ud802b")
    return t


class Text(str):
    def __eq__(self, other):
        return "always"

    __hash__ = str.__hash__

    def __add__(self, other):
        return "added"


def derived(n):
    out = []
    s = "abc"
    for i in range(n):
        if i == n - 3:
            s = Text("abc")
        out.append((s == "abd", s + "d", s[0], "b" in s))
    return out[0], out[-1]


print(scan("Let x1 = 42 + (ÀB / 7) * ünï;\tend?  " * 6))
print(shift("Hello wörld, 漢字 and more ", 3), len(shift("abc" * 50, 0x10fff0)))
print(ends(90), words("The cat, the dog and the cat. And then.", 30), surrogates(60), derived(60))
