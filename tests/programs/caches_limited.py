"""What functools.lru_cache with a limit keeps: the order of use, what goes, arguments that are equal but not the same."""

# expect-stdout:
#   70000 CacheInfo(hits=3992, misses=8, maxsize=8, currsize=8)
#   77040 CacheInfo(hits=7832, misses=168, maxsize=8, currsize=8)
#   471595 CacheInfo(hits=10899, misses=3101, maxsize=8, currsize=8)
#   abcdefcdefcdefcdefcdefcdefcdef 243 CacheInfo(hits=777, misses=243, maxsize=3, currsize=3)
#   CacheInfo(hits=8900, misses=100, maxsize=128, currsize=100) (3, (0, 0)) (19, (0, 0))
#   CacheInfo(hits=0, misses=2000, maxsize=0, currsize=0) CacheInfo(hits=1333, misses=667, maxsize=1, currsize=1)
#   CacheInfo(hits=3992, misses=8, maxsize=16, currsize=8) int float bool
#   CacheInfo(hits=0, misses=2700, maxsize=4, currsize=4) 898 [0, 1, 0, 1, 0, 1]
#   CacheInfo(hits=0, misses=0, maxsize=4, currsize=0) 900
#   11991 CacheInfo(hits=3979, misses=21, maxsize=32, currsize=21)
#   unhashable type: 'list'
#   500 CacheInfo(hits=2495, misses=505, maxsize=5, currsize=5) 501 751005
#   4181 CacheInfo(hits=31, misses=19, maxsize=10, currsize=10)
#   CacheInfo(hits=12912, misses=7088, maxsize=1000, currsize=1000)
#   CacheInfo(hits=13347, misses=8153, maxsize=1000, currsize=1000)

from functools import lru_cache


@lru_cache(maxsize=8)
def square(number):
    return number * number


def ask(numbers):
    total = 0
    for number in numbers:
        total += square(number)
    return total


def noise(count, limit, start):
    for _ in range(count):
        start = (start * 1103515245 + 12345) & 0x7FFFFFFF
        yield (start >> 8) % limit


# Hits only, then a few misses among many hits, then as many misses as hits.
print(ask([number % 8 for number in range(4000)]), square.cache_info())
print(ask([number % 8 if number % 50 else 8 + number // 50 % 5 for number in range(4000)]), square.cache_info())
print(ask(noise(6000, 16, 1)), square.cache_info())


@lru_cache(maxsize=3)
def order(name):
    made.append(name)
    return name


made = []
for name in "abcabdabeabfffabc" * 60:
    order(name)
print("".join(made[:30]), len(made), order.cache_info())


@lru_cache
def plain(left, right=(0, 0)):
    return left, right


for number in range(3000):
    plain(number % 20, (number % 3, str(number % 2)))
    plain(number % 20)
    plain(number % 20, right=number % 2)
print(plain.cache_info(), plain(3), plain(19))


@lru_cache(maxsize=0)
def never(number):
    return number


@lru_cache(maxsize=1)
def last(number):
    return number


for number in range(2000):
    never(number % 2)
    last(number // 3)
print(never.cache_info(), last.cache_info())


@lru_cache(maxsize=16, typed=True)
def typed(number):
    return type(number).__name__


for number in range(2000):
    typed(number % 4)
    typed(float(number % 4))
print(typed.cache_info(), typed(1), typed(1.0), typed(True))


class Key:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return hash(self.value)

    def __eq__(self, other):
        return self.value == other.value


class Row(tuple):
    def __del__(self):
        dead.append(self[0])


@lru_cache(maxsize=4)
def of(key):
    return key


dead = []
for number in range(900):
    of(Key(number % 5))
    of((number % 3, 1.5))
    of(Row((number % 2,)))
print(of.cache_info(), len(dead), dead[:6])
of.cache_clear()
print(of.cache_info(), len(dead))


class Shop:
    def __init__(self, factor):
        self.factor = factor

    @lru_cache(maxsize=32)
    def price(self, number):
        return self.factor * number


shops = [Shop(factor) for factor in range(3)]
total = 0
for number in range(4000):
    total += shops[number % 3].price(number % 7)
print(total, Shop.price.cache_info())


@lru_cache(maxsize=5)
def fails(number):
    if number % 4 == 3:
        raise ValueError(number)
    return [number]


caught = 0
for number in range(3000):
    try:
        fails(number % 6).append(number)
    except ValueError:
        caught += 1
try:
    fails([1])
except TypeError as error:
    print(error)
print(caught, fails.cache_info(), len(fails(0)), sum(fails(5)))


@lru_cache(maxsize=10)
def fib(number):
    if number == 6:
        fib.cache_clear()
    return number if number < 2 else fib(number - 1) + fib(number - 2)


for number in range(400):
    fib(number % 20)
print(fib(19), fib.cache_info())


@lru_cache(maxsize=1000)
def many(number):
    return number


for number in noise(20000, 1500, 7):
    many(number)
info = many.cache_info()
print(info)
for number in range(1500):
    many(number)
print(many.cache_info())
