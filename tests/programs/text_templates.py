"""`str.format` of constant templates: fields by place, formats, conversions, and what raises or is left to the VM."""

# expect-stdout:
#   plain 3460 299 299 149.5 3 3 1.5 250 250 125.0
#   placed 5260 299-299-'299' {299} 3-3-'3' {3} 250-250-'250' {250}
#   specified 10110   299|12b|0042.714| 299|299,000,897     3|3|0000.429|   3|3,000,009   250|fa|0035.714| 250|250,000,750
#   mixed 7400 100000000000000000299 100000000000000000299| None None     | True True     |
#   classes 7580 <299|> <x|>3> Named('299') <3|> <x|>3> Named('3') <250|> <x|>3> Named('250')
#   nested 3000   299  299     3    3   250  250
#   parts 2970 299 299 299 3 3 3 250 250 250
#   wrong 1232 299 3 ValueError
#   too_few 3000 IndexError IndexError IndexError
#   mixed_places 3000 ValueError ValueError ValueError
#   chosen 1090 299 3 [250]


class Named:
    def __init__(self, name):
        self.name = name

    def __format__(self, spec):
        return "<%s|%s>" % (self.name, spec)

    def __repr__(self):
        return "Named(%r)" % self.name


def plain(i):
    return "{} {} {}".format(i, str(i), i * 0.5)


def placed(i):
    return "{1}-{0}-{1!r} {{{0}}}".format(i, str(i))


def specified(i):
    return "{:>5}|{:x}|{:08.3f}|{!s:>4}|{:,}".format(i, i, i / 7, i, i * 1000003)


def mixed(i):
    value = None if i % 3 == 0 else True if i % 3 == 1 else 10 ** 20 + i
    return "{} {!r:<9}|".format(value, value)


def classes(i):
    return "{} {:>3} {!r}".format(Named(i), Named("x"), Named(str(i)))


def nested(i):
    return "{:{}} {:>{width}}".format(i, 5, i, width=4)


def parts(i):
    return "{0.real} {1[0]} {name}".format(i, [i], name=str(i))


def wrong(i):
    try:
        return "{:d}".format("text" if i % 5 == 0 else i)
    except ValueError as error:
        return "ValueError"


def too_few(i):
    try:
        return "{} {}".format(i)
    except IndexError as error:
        return "IndexError"


def mixed_places(i):
    try:
        return "{} {0}".format(i)
    except ValueError:
        return "ValueError"


def chosen(i):
    template = "{}" if i % 2 else "[{}]"
    return template.format(i)


def main():
    for function in (
        plain, placed, specified, mixed, classes, nested, parts, wrong, too_few, mixed_places, chosen,
    ):
        total, last = 0, ""
        for i in range(300):
            last = function(i)
            total += len(last)
        print(function.__name__, total, last, function(3), function(250))


main()
