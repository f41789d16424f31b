"""One call of ever other callees: methods taken from text, builtins, classes, partials, functions made anew with defaults for
keyword-only parameters; and keywords given together with `**`."""

# expect-stdout:
#   [['<AB>', '<C>', '<DEF>'], ['9', '9', '9'], ['+Ab', '+ C ', '+Def'], ['abcb-a', 'abc -c- ', 'abcf-e-d'], [30, 40, 40]]
#   9637422
#   (3401250, 30)
#   (13300, 700, "invalid literal for int() with base 10: 'x'")
#   (500, 500)
# expect-event: ..."kind":"loop"...

from functools import partial


def applied(chain, values):
    out = []
    for value in values:
        for apply in chain:
            value = apply(value)
        out.append(value)
    return out


def maker(factor):
    def scaled(x, *, by=factor, plus=0):
        return x * by + plus

    return scaled


def made(n):
    total = 0
    for k in range(n):
        scale = maker(k % 5)
        total += scale(k) + scale(k, plus=1) + scale(k, by=2, plus=3)
    scale = maker(7)
    for k in range(n):
        if k == n // 2:
            scale.__kwdefaults__ = {"by": 1, "plus": 100}
        if k == n - 3:
            del scale.__kwdefaults__["plus"]
        try:
            total += scale(k)
        except TypeError as error:
            total += len(str(error))
    return total


def passed(a, b=2, *, c=3, **rest):
    return a + b + c + sum(rest.values())


def merged(n):
    total = clashes = 0
    common = {"c": 5, "d": 1}
    for k in range(n):
        total += passed(k, b=1, **common) + passed(k, e=4, **common, **{"f": k})
        try:
            passed(k, **common, **({"d": 2} if k % 50 == 49 else {"g": 2}))
        except TypeError:
            clashes += 1
    return total, clashes


def numbers(texts):
    good, bad = 0, []
    for text in texts:
        try:
            good += int(text)
        except ValueError as error:
            bad.append(str(error))
    return good, len(bad), bad[-1]


def found(words, wanted):
    places = []
    for word in wanted:
        try:
            places.append(words.index(word))
        except ValueError:
            places.append(-1)
    return sum(places), places.count(-1)


chains = [
    [str.strip, str.upper, "<{}>".format],
    ["{:>9}".format, len, str],
    [partial("{}{}".format, "+"), str.title],
    [lambda text: text[::-1], "-".join, "abc".__add__],
    [list, len, [10, 20, 30, 40, 50, 60, 70].__getitem__],
]
for turn in range(300):
    results = [applied(chain, ["ab", " c ", "def"]) for chain in chains]
print(results)
print(made(1500))
print(merged(1500))
print(numbers(["12", "x", "7"] * 700))
print(found(["a", "b", "c"], ["c", "z", "a"] * 500))
