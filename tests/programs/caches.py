"""What functools.lru_cache keeps: plain and other arguments, errors, methods, deep recursion, clearing in between."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   CacheInfo(hits=8970, misses=30, maxsize=None, currsize=30)
#   CacheInfo(hits=13526, misses=474, maxsize=None, currsize=30) 444 bool bool str
#   unhashable type: 'list' CacheInfo(hits=8980, misses=920, maxsize=None, currsize=920)
#   CacheInfo(hits=2980, misses=20, maxsize=None, currsize=20)
#   CacheInfo(hits=2985, misses=15, maxsize=None, currsize=15) int float
#   23987 35 CacheInfo(hits=3965, misses=35, maxsize=None, currsize=35)
#   3000
#   RecursionError 0
#   89 CacheInfo(hits=304, misses=11, maxsize=None, currsize=12)
#   7 CacheInfo(hits=817, misses=540, maxsize=None, currsize=540)

from functools import cache, lru_cache


@cache
def pair(left, right=2):
    return left, right


for number in range(3000):
    pair(number % 10)
for number in range(3000):
    pair(number % 10, 3)
for number in range(3000):
    pair(number % 10, right=3)
print(pair.cache_info())


@cache
def kind(value):
    if value == 7:
        raise ValueError(value)
    return type(value).__name__


def ask_all(count):
    refused = 0
    for step in range(count):
        number = step % 9
        for value in number, float(number), str(number), (number, (1, "a")), True, None, frozenset([step % 3]):
            try:
                kind(value)
            except ValueError:
                refused += 1
    return refused


refused = ask_all(2000)
print(kind.cache_info(), refused, kind(1.0), kind(True), kind("1"))

try:
    for number in range(1000):
        pair([number] if number == 900 else number)
except TypeError as error:
    print(error, pair.cache_info())


class Key:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return self.value % 3

    def __eq__(self, other):
        return self.value == other.value


@cache
def value_of(key):
    return key.value


for number in range(3000):
    assert value_of(Key(number % 20)) == number % 20
print(value_of.cache_info())


@lru_cache(maxsize=None, typed=True)
def typed(value):
    return type(value).__name__


for number in range(3000):
    typed(number % 10 if number % 3 else float(number % 5))
print(typed.cache_info(), typed(1), typed(1.0))


class Factor:
    calls = 0

    def __init__(self, factor):
        self.factor = factor

    @cache
    def times(self, number):
        Factor.calls += 1
        return self.factor * number


factors = [Factor(factor) for factor in range(5)]
total = 0
for number in range(4000):
    total += factors[number % 5].times(number % 7)
print(total, Factor.calls, Factor.times.cache_info())


@cache
def depth(number):
    return 0 if number == 0 else 1 + depth(number - 1)


for number in range(0, 3000, 300):
    depth(number)
print(depth(3000))
depth.cache_clear()
try:
    depth(10**6)
except RecursionError:
    print("RecursionError", depth.cache_info().currsize)


@cache
def forgetful(number):
    if number == 5:
        forgetful.cache_clear()
    return number if number < 2 else forgetful(number - 1) + forgetful(number - 2)


for number in range(300):
    forgetful(number % 12)
print(forgetful(11), forgetful.cache_info())


@cache
def distance(left, right):
    """Recursion by way of the cache, in the middle of an expression: the VM specialises what is being recorded."""
    if not left:
        return len(right)
    if not right:
        return len(left)
    if left[0] == right[0]:
        return distance(left[1:], right[1:])
    return 1 + min(distance(left[1:], right), distance(left, right[1:]), distance(left[1:], right[1:]))


for _ in range(20):
    distance.cache_clear()
    found = distance("kitten sitting on the fence", "sitting kitten in the fence")
print(found, distance.cache_info())
