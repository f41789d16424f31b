"""Formats and methods of strings: what compiled code does itself and what it leaves to the VM, and where they meet."""

# expect-stdout:
#   (1054, 871596279)
#   (744, 28359782)
#   ["kk=59 (8.4%) '59'", '59   |   ab|-0059', "[INFO  ] 000059 29.500 3b    'u59'  59  |"] (900, 495266724)
#   {'not enough arguments for format string': 100, 'not all arguments converted during string formatting': 100, '%d format: a real number is required, not str': 100, "unsupported format character 'q' (0x71) at index 1": 100}
#   (330, 360415167) [(0, '', ''), ([''], [''], [''], ['']), (False, False, -1, -1), (0, '', ''), ([''], [''], [''], [''])]
#   [True, True, False, True] 1600 1200
#   0.00 0.0   0.000; -0.00 -0.0  -0.000; 1.50 1.5   1.500; -2.25 -2.2  -2.250; 0.12 0.1   0.125; 2.67 2.7   2.675; 1000000000000000.00 1000000000000000.0 1000000000000000.000; 123456.79 123456.8 123456.789; -0.00 -0.0  -0.001; 10000000000000000000000.00 10000000000000000000000.0 10000000000000000000000.000; inf inf     inf; nan nan     nan; 0.05 0.1   0.050; 0.50 0.5   0.500; end
# expect-event: ..."kind":"loop"...

INTS = [0, 7, -3, 123456, -99999, 2**31, -(2**63), 2**63 - 1, 2**70, True]
FLOATS = [0.0, -0.0, 1.5, -2.25, 0.125, 2.675, 1e15, 123456.789, -0.001, 1e22, float("inf"), float("nan"), 0.05, 0.5]
TEXTS = ["", "a", "word", "longer than it", "Größe", "\u65e5\u672c", "x\ty"]
SPECS = "d 5d 05d <6d ^7 *>8d x 04x X o b ,d +d _d .2f 8.3f 08.2f <9.1f e g .3g % .0f s 6s <6s ^9 .2s >5.1s 010 =5 #x c n".split()
PERCENTS = "%d %5d %05d %-6d| %x %04X %o %s %6s| %-6s| %.2s %r %.2f %8.3f %08.2f %-9.1f| %e %g %i %+d %c %% %5.1f%% %f".split()


def each(values, specs, apply):
    lines = []
    for value in values:
        for spec in specs:
            try:
                lines.append(apply(value, spec))
            except (ValueError, TypeError, OverflowError) as error:
                lines.append(type(error).__name__ + str(error))
    return lines


def digest(lines):
    total = 7
    for line in lines:
        for char in line:
            total = (total * 31 + ord(char)) % 1000000007
    return len(lines), total


def spec_of(value, spec):
    return f"{value:{spec}}"


def percent_of(value, spec):
    return spec % value if "%%" != spec else spec % ()


def several(count):
    lines = []
    for n in range(count):
        lines.append("%s=%d (%.1f%%) %r" % ("k" * (n % 3), n, n / 7, str(n)))
        lines.append("%-5s|%5s|%05d" % (n, "ab", -n))
        lines.append(f"[{'INFO':<6}] {n:06d} {n * 0.5:.3f} {n:x} {'u%d' % n!r:>8} {n!s:^5}|")
    return lines


def wrong(count):
    tally = {}
    for n in range(count):
        try:
            if n % 4 == 0:
                "%d %d" % (n,)
            elif n % 4 == 1:
                "%d" % (n, n)
            elif n % 4 == 2:
                "%d" % "x"
            else:
                "%q" % n
        except (TypeError, ValueError) as error:
            tally[str(error)] = tally.get(str(error), 0) + 1
    return tally


WORDS = ["", "a", "  pad\t", "one two  three", "a,b,,c", "banana", "Größe ÄÖ", "\u3000x\u00a0", "MiXeD Case", "aaaa", "x\x1cy\x85z"]
NEEDLES = ["", "a", "an", "ana", " ", ",", "ö", "zz", "e", "aa"]


def methods(count):
    lines = []
    for _ in range(count):
        lines.clear()
        for word in WORDS:
            lines.append((word.lower(), word.upper(), word.strip(), word.lstrip(), word.rstrip(), word.split()))
            for needle in NEEDLES:
                lines.append((word.startswith(needle), word.endswith(needle), word.find(needle), word.rfind(needle)))
                lines.append((word.count(needle), word.replace(needle, "<>"), word.replace(needle, needle)))
                if needle:
                    lines.append((word.split(needle), word.split(needle, 1), word.split(needle, 0), word.split(needle, -1)))
    return lines


def same(count):
    found = []
    for _ in range(count):
        word = "strip" + str(count)
        found = [word.strip() is word, word.replace("zzzzzzzzzzzzzzzz", "b") is word, word.lower() is word, "A".lower() == "a"]
    return found


def surrogates(count):
    half = "\ud83d"
    found = 0
    for _ in range(count):
        joined = ("a" + half + "b").replace("b", "\ude00")
        found += len(joined) + joined.find("\ude00") + joined.count(half) + len(joined.split("a"))
    return found


def unequal(count):
    """Arguments of another type turn up."""
    found = 0
    for n in range(count):
        prefix = ("b", "x") if n > count // 2 else "b"
        found += "banana".startswith(prefix)
        found += len("a b c".split(None if n % 5 == 0 else " "))
    return found


print(digest(each(INTS + FLOATS + TEXTS, SPECS, spec_of)))
print(digest(each(INTS + FLOATS + TEXTS, PERCENTS, percent_of)))
print(several(60)[-3:], digest(several(300)))
print(wrong(400))
print(digest(list(map(repr, methods(6)))), methods(3)[4:9])
print(same(100), surrogates(200), unequal(300))
for value in FLOATS:
    print("%.2f" % value, f"{value:.1f}", f"{value:7.3f}", end="; ")
print("end")
