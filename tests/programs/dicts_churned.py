"""Keys that are removed and come back: the entries of dicts and sets are moved together, in their order, and whoever is going
through a dict is told as before."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   [3, 4, 5, 6, 7, 8, 9, 0, 1, 2] 29975
#   [40, 41, 42, 43, 44] 5
#   0 first 3999 [4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3]
#   {'dictionary changed size during iteration 11'}
#   CacheInfo(hits=299, misses=3701, maxsize=16, currsize=16) 15800
#   CacheInfo(hits=2985, misses=15, maxsize=32, currsize=15) 21000

from functools import lru_cache


def churn(count):
    numbers = {key: key for key in range(10)}
    for step in range(count):
        key = step % 10
        value = numbers.pop(key)
        numbers[key] = value + 10
    return numbers


numbers = churn(3000 - 7)
print(list(numbers), sum(numbers.values()))


def slide(count):
    window = set(range(5))
    for number in range(5, count):
        window.remove(number - 5)
        window.add(number)
    return window


print(sorted(slide(45)), len(slide(2000)))


def rotate(count):
    turns = {key: 0 for key in range(12)}
    wrong = 0
    for step in range(count):
        key = next(iter(turns))
        if key != step % 12:
            wrong += 1
        del turns[key]
        turns[key] = step
    return wrong, turns


wrong, turns = rotate(4000)
print(wrong, "first", turns[3], list(turns))


def disturbed(count):
    """The dict has as many keys as before whenever the loop asks for the next one."""
    table = {key: key for key in range(11)}
    passes = 0
    try:
        for _ in table:
            passes += 1
            for step in range(count):
                key = step % 11
                del table[key]
                table[key] = step
    except RuntimeError as error:
        return f"{error} {len(table)}"
    return passes


print({disturbed(count) for count in range(1, 80)})


@lru_cache(maxsize=16)
def recent(number):
    return number % 8


def ask(count):
    total = 0
    for step in range(count):
        total += recent(step % 40 if step % 40 > 2 else 39)
    return total


total = ask(4000)
print(recent.cache_info(), total)


@lru_cache(maxsize=32)
def often(number):
    return number


total = sum(often(step % 15) for step in range(3000))
print(often.cache_info(), total)
