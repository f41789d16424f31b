"""Strs made wider, stripped of characters, without prefixes, asked for one of several beginnings; strs that die and come again."""

# expect-stdout:
#   ('a', 'a', 'a', 'a') ('a', 'a', 'a') ('a', 'a', 'a', 'a')
#   ('hello world', 'hello world', 'hello world', 'hello world') ('hello world', 'hello world', 'hello world') ('hello world', 'hello world', '--h--e--l--l--o-- --w--o--r--l--d--', 'hello world')
#   ('       ', '       ', '       ', '0000000') ('', '', '') ('', '', '', '')
#   ('\u4e2d\u6587', '\u4e2d\u6587', '\u4e2d\u6587', '\u4e2d\u6587') ('\u4e2d\u6587', '\u4e2d\u6587', '\u4e2d\u6587') ('\u4e2d\u6587', '\u4e2d\u6587', '\u4e2d\u6587', '\u4e2d\u6587')
#   630912
#   ('TypeError', 'a    |    a|  a  ')
#   ('TypeError', 'a    |    a|  a  ')
#   ('OverflowError', 'OverflowError')
#   ('TypeError', 'TypeError')
#   ('TypeError', 'a    |mine|  a  ')
#   ('AttributeError', 'AttributeError')
#   () (False, False)
#   ('b', 1) TypeError
#   ['a'] TypeError
#   ('a', 1) TypeError
#   a (True, False)
#   ('a',) (True, False)
#   None TypeError
#   1 TypeError
#   None (('aba', 'aba', 'aba'), 'TypeError')
#   a (('b', 'ba', 'ab'), ('ba', 'ab', '--b--', 'aba'))
#   1 ('TypeError', 'TypeError')
#   300
#   (1000, 3000, [], '      3/-', '2997/-299')
#   0 1 9 10 -1 -10 99 100 4611686018427387904 -9223372036854775808 9223372036854775807 9223372036854775808

TEXTS = ["", "a", "ab", "-7", "+", "-", "+x", "hello world", "\xe9", "\u4e2d\u6587", "\U0001f600!", "\ud800", "xxhixx", "  a ", "--"]
FILLS = [" ", "*", "0", "\xe9", "\u4e2d"]
CHARS = ["", "x", "-+", "\xe9", "ab ", "o wdlrh", "\ud800"]
WIDTHS = [-3, 0, 1, 2, 3, 4, 7, 8, 20]


class Text(str):
    def rjust(self, width):
        return "mine"


def failing(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return type(error).__name__


def pad(text, width, fill):
    return text.ljust(width, fill), text.rjust(width, fill), text.center(width, fill), text.zfill(width)


def pad_plain(text, width):
    return text.ljust(width) + "|" + text.rjust(width) + "|" + text.center(width)


def strip(text, chars):
    return text.strip(chars), text.lstrip(chars), text.rstrip(chars)


def remove(text, affix):
    return text.removeprefix(affix), text.removesuffix(affix), text.replace(affix, "--"), text.replace("x", affix)


def meets(text, affixes):
    return text.startswith(affixes), text.endswith(affixes)


def main():
    digest = 0
    for step in range(2000):
        text = TEXTS[step % len(TEXTS)]
        width = WIDTHS[step % len(WIDTHS)]
        fill = FILLS[step % len(FILLS)] if step % 7 == 0 else " "
        chars = CHARS[step % len(CHARS)]
        for found in pad(text, width, fill), (pad_plain(text, width),), strip(text, chars), remove(text, chars):
            for made in found:
                digest = (digest * 31 + len(made) + sum(map(ord, made))) % 1000003
        digest = digest * 4 + sum(meets(text, ("a", chars, "x") if step % 3 else ("\xe9", "!"))) & 0xFFFFFF
        if step in (1, 7, 60, 999):
            print(ascii(pad(text, width, fill)), ascii(strip(text, chars)), ascii(remove(text, chars)))
    print(digest)
    for text, width, fill in [("a", 5, "xx"), ("a", 5, ""), ("a", 1 << 70, " "), ("a", "5", " "), (Text("a"), 5, " "), ([], 3, " ")]:
        for _ in range(60):
            found = failing(pad, text, width, fill), failing(pad_plain, text, width)
        print(ascii(found))
    for affixes in [(), ("b", 1), ["a"], ("a", 1), Text("a"), (Text("a"),), None, 1]:
        for _ in range(60):
            found = failing(meets, "ab", affixes)
        print(affixes, found)
    for chars in [None, Text("a"), 1]:
        for _ in range(60):
            found = failing(strip, "aba", chars), failing(remove, "aba", chars)
        print(chars, found)
    same = 0
    for text in TEXTS * 20:
        same += (text.strip("q") is text)
    print(same)


def kept():
    """Strs that die are used again: none of those that are kept changes."""
    texts, names = [], {}
    for number in range(3000):
        text = str(number) + "/" + str(-number)
        shorter = text[:-1].rjust(9)
        if number % 3 == 0:
            texts.append(shorter)
        names[text] = hash(text)
        text = shorter.upper()
    wrong = [text for text, known in names.items() if hash(text) != known or hash("" + text) != hash(text)]
    return len(set(texts)), len(names), wrong, texts[1], texts[-1]


main()
print(kept())
numbers = []
for number in (0, 1, 9, 10, -1, -10, 99, 100, (1 << 62), -(1 << 63), (1 << 63) - 1, 1 << 63):
    for _ in range(50):
        text = str(number)
    numbers.append(text)
print(*numbers)
