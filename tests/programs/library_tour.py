"""Many modules of the library, again and again with other arguments: what they give is digested, module by module."""

# expect-stdout:
#   json 083257e0927c06b1
#   json.encoder e09e2d0612f415f6
#   re fd25ed33ccd1c3ee
#   re.sub c3245a69aabf4d94
#   textwrap 455a830fcee3c58b
#   csv 5dfa57e42d0bdf33
#   statistics d628ddfe372ad639
#   fractions bc264e2fcefab6d3
#   difflib e190d930577fa26c
#   ast c66f2d457b5ca590
#   tokenize df3dd4dc613e9f82
#   pprint 20c818a4bfe293b3
#   string ae8e28cb472ab332
#   shlex 31347d6b3d76796a
#   html 950cd7c7e2bb20f8
#   urllib 45e7c0772f9cfb72
#   configparser ed38fcade7e5c4d9
#   email 0d03e540e80f35d5
#   calendar 5e3ad2d4a2292fb0
#   datetime 200921ff800583dc
#   random 76c398da4b6ce2b1
#   heapq 604ee30137ad3993
#   enum 9fe8d657ef300025
#   dataclasses 632bc4517d82bf84
#   itertools 548e34bce4c0d4e0
#   collections 1969acc7754467ba
#   copy f023b972d25b783d
#   pickle 1ca8496706130ffc
#   ipaddress da557aff8727eccd
#   graphlib bc938f7db54542e5
#   decimal 14d13240b2cc4395
#   argparse 262bf1c88ed329d2
#   inspect fa937083f3d50beb
#   paths 9bc59d2a545d27b8
#   functools c7e8420ee641aade
#   operator 3e1c77e52da71dd3
#   contextlib 94b06ce64abd2686
#   singledispatch 4956c2d258ace45f
#   traceback ef07a0c3e897eae4
#   logging f116eb473574dc0d
# options: --threshold-loop 20 --threshold-function 30 --threshold-exit 3

import argparse
import ast
import calendar
import collections
import configparser
import contextlib
import copy
import csv
import dataclasses
import datetime
import decimal
import difflib
import email
import enum
import fnmatch
import fractions
import functools
import graphlib
import hashlib
import heapq
import html.parser
import inspect
import io
import ipaddress
import itertools
import json
import logging
import operator
import pickle
import posixpath
import pprint
import random
import re
import shlex
import statistics
import string
import textwrap
import tokenize
import traceback
import urllib.parse


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


@dataclasses.dataclass(order=True, frozen=True)
class Point:
    x: int
    y: int = 0
    tags: tuple = ()


class Parser(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, attributes))

    def handle_data(self, data):
        self.seen.append(data)


def parse_html(k):
    parser = Parser()
    parser.feed(f'<a href="x{k}">t<b>k</b>&amp;</a>')
    return parser.seen


def write_csv(k):
    file = io.StringIO()
    csv.writer(file).writerows([[k, "a,b", 'q"q', None, 1.5]] * 3)
    return list(csv.DictReader(io.StringIO("a,b\n1,2\n" + file.getvalue().replace("\r", ""))))


def configure(k):
    parser = configparser.ConfigParser()
    parser.read_string(f"[s{k}]\na=1\nb=%(a)s2\n")
    return dict(parser[f"s{k}"])


def date(k):
    day = datetime.datetime(2020, 1, 1) + datetime.timedelta(days=k, hours=k * 7)
    since = (day - datetime.datetime(2019, 5, 5)).total_seconds()
    return day.isoformat(), day.strftime("%Y-%j %H"), since, tuple(day.isocalendar())


def shuffled(k):
    source = random.Random(k)
    cards = list(range(9))
    source.shuffle(cards)
    return source.random(), source.randint(1, 99), source.sample(range(50), 5), source.choice("abc"), source.gauss(0, 1), cards


def queued(k):
    heap = []
    for i in range(k % 20):
        heapq.heappush(heap, (i * 37 % 11, i))
    return heapq.nsmallest(3, heap), list(heapq.merge([1, 4, k], [2, 3]))


def points(k):
    few = len({Point(i % 5) for i in range(k % 9)})
    return Point(k), dataclasses.replace(Point(1, 2), y=k), dataclasses.asdict(Point(k, tags=(1,))), Point(k) < Point(50), few


def grouped(k):
    pairs = itertools.chain.from_iterable(itertools.combinations(range(5), 2))
    groups = [list(group) for _, group in itertools.groupby(sorted([k % 3, 1, 2, 1, k % 5]))]
    return list(itertools.islice(pairs, k % 9)), groups, list(itertools.accumulate([1, 2, k]))


def collected(k):
    letters = collections.Counter(f"abracadabra{k}")
    maps = collections.ChainMap({"a": 1}, {"b": k})
    return letters.most_common(3), sorted((letters + letters).items()), maps["b"], collections.deque([1, 2, k], 2)


def pickled(k):
    thing = {"a": [k, 1.5, "x", (1,), {k}, b"q"], "p": Point(k)}
    return [pickle._loads(pickle._dumps(thing, protocol)) for protocol in (0, 2, 5)]


def arguments(k):
    parser = argparse.ArgumentParser(prog="p")
    parser.add_argument("-n", type=int, default=3)
    parser.add_argument("files", nargs="*")
    return vars(parser.parse_args(["-n", str(k), "a", "b"]))


def signatures(k):
    signature = inspect.signature(lambda a, *b, c=k, **d: 0)
    return str(inspect.signature(date)), dict(signature.bind(1, 2, c=3).arguments)


def managed(k):
    seen = []

    @contextlib.contextmanager
    def manager(value):
        try:
            yield value + 1
        except KeyError as error:
            seen.append(error.args)

    with manager(k) as value:
        seen.append(value)
        if k % 5 == 0:
            raise KeyError(k)
    return seen


def dispatched(k):
    @functools.singledispatch
    def kind(thing):
        return "other"

    kind.register(int)(lambda thing: "int")
    kind.register(list)(lambda thing: "list")
    return kind(k), kind([]), kind("")


def traced(k):
    try:
        int(f"x{k}")
    except ValueError:
        return [line for line in traceback.format_exc().splitlines() if "File" not in line]


def logged(k):
    file = io.StringIO()
    handler = logging.StreamHandler(file)
    handler.setFormatter(logging.Formatter("%(levelname)s %(funcName)s %(message)s"))
    logger = logging.getLogger("tour")
    logger.handlers, logger.propagate = [handler], False
    logger.warning("w %d", k)
    return file.getvalue()


def decimals(k):
    return decimal.Decimal(k) / 7, decimal.Decimal(f"1.{k}").quantize(decimal.Decimal("0.1")), decimal.Decimal(k + 1).sqrt()


CASES = {
    "json": lambda k: json.loads(json.dumps({"a": [k, 1.5, None, True, {"x": "é\n"}]}, indent=k % 3 or None)),
    "json.encoder": lambda k: json.JSONEncoder(indent=2).encode([k, [k] * 3, {"k": k}]),
    "re": lambda k: re.compile(rf"(?P<w>[a-z]+){k % 7}|\d{{{k % 4 + 1},}}").findall(f"abc{k} def 12345 x0"),
    "re.sub": lambda k: re.sub(r"(\w)(\d)", lambda match: match[2] + match[1], f"a1b2c{k}"),
    "textwrap": lambda k: textwrap.fill("the quick brown fox " * (k % 9 + 2), 20 + k % 11),
    "csv": write_csv,
    "statistics": lambda k: (statistics.mean([k, 2, 3.5]), statistics.median([k, 1, 9]), statistics.pstdev([1, 2, k])),
    "fractions": lambda k: (fractions.Fraction(k, 7) + fractions.Fraction(3, k + 1)).limit_denominator(50),
    "difflib": lambda k: list(difflib.unified_diff(["a", f"b{k}", "c"], ["a", "c", f"d{k % 3}"], lineterm="")),
    "ast": lambda k: ast.unparse(ast.parse(f"def f(x, y={k}):\n  return [i*x for i in range(y) if i % 2] + [{{1: 2}}]")),
    "tokenize": lambda k: [token.string for token in tokenize.generate_tokens(io.StringIO(f"x = {k} + y # c\n").readline)],
    "pprint": lambda k: pprint.pformat({"k": [k] * 20, "z": {"a": (1, 2, k)}}, width=30),
    "string": lambda k: (string.Template("$a ${b} $$").substitute(a=k, b="x"), string.Formatter().format("{0:>{1}}", k, 8)),
    "shlex": lambda k: shlex.split(f'a "b c" d\\ e {k}'),
    "html": parse_html,
    "urllib": lambda k: (urllib.parse.urlparse(f"http://u:p@h.x:80/p/{k}?q=1#f"), urllib.parse.parse_qs(f"a=1&b={k}&a=3")),
    "configparser": configure,
    "email": lambda k: email.message_from_string(f"From: a@b\nSubject: s{k}\n\nbody\n")["subject"],
    "calendar": lambda k: calendar.TextCalendar().formatmonth(2000 + k % 30, k % 12 + 1),
    "datetime": date,
    "random": shuffled,
    "heapq": queued,
    "enum": lambda k: (Color(k % 3 + 1), Color["RED"] is Color.RED, list(Access(k % 8)), {Color.RED: 1}.get(Color(k % 3 + 1))),
    "dataclasses": points,
    "itertools": grouped,
    "collections": collected,
    "copy": lambda k: copy.deepcopy({"a": [k, {"b": (k, [k])}], "d": Point(k)}),
    "pickle": pickled,
    "ipaddress": lambda k: (ipaddress.ip_network(f"10.{k % 256}.0.0/16").num_addresses, ipaddress.ip_address(k * 99991)),
    "graphlib": lambda k: list(graphlib.TopologicalSorter({k + 5: {1, 2}, 1: {3}, 2: {3}}).static_order())[-1:],
    "decimal": decimals,
    "argparse": arguments,
    "inspect": signatures,
    "paths": lambda k: (fnmatch.filter(["a.py", "b.txt", f"c{k}.py"], "*.py"), posixpath.normpath(f"/a/./b/../c{k}")),
    "functools": lambda k: sorted([3, k, 1], key=functools.cmp_to_key(lambda a, b: b - a)),
    "operator": lambda k: functools.reduce(operator.mul, range(1, k % 9 + 2)),
    "contextlib": managed,
    "singledispatch": dispatched,
    "traceback": traced,
    "logging": logged,
}


def main():
    for name, case in CASES.items():
        digest = hashlib.sha256()
        for k in range(25):
            digest.update(repr(case(k)).encode())
        print(name, digest.hexdigest()[:16])


main()
