"""`for` over a map whose function is Python's: what its function does to the loop, to the list under it, and how it ends."""

# expect-stdout:
#   41199
#   (33000.0, 100)
#   (11175, 151, [152, 153])
#   (-173, 'check', 10)
#   (6966, 200)
#   14400
#   5274700
#   (11400.5, 33599.5, [])
#   1200
# expect-event: ..."kind":"loop"...


def plain(count):
    total = 0
    for value in map(lambda x: x * 3 + 1, range(count)):
        total += value
    for value in map(lambda s: s + "!", ["a", "b"] * count):
        total += len(value)
    for value in map(lambda t: t[0] - t[1], tuple((i, i * i % 7) for i in range(count))):
        total -= value
    return total


def branches(count):
    def kind(x):
        if x % 3 == 0:
            return None
        if x % 5 == 0:
            return x * 1.5
        return x

    total, missing = 0, 0
    for value in map(kind, range(count)):
        if value is None:
            missing += 1
            continue
        total += value
    return total, missing


def stops(count):
    def until(x):
        if x == count // 2:
            raise StopIteration
        return x

    items = map(until, range(count))
    total = 0
    for value in items:
        total += value
    return total, next(items), list(items)[:2]


def raises(count):
    def check(x):
        return 10 // (x - count // 2)

    total, seen = 0, 0
    items = map(check, list(range(count)))
    try:
        for value in items:
            total += value
    except ZeroDivisionError as error:
        seen = error.__traceback__.tb_next.tb_frame.f_code.co_name
    return total, seen, next(items)


def changes(count):
    numbers = [1, 2, 3]
    total = 0

    def grow(x):
        if len(numbers) < count:
            numbers.append(x + 1)
        return x

    for value in map(grow, numbers):
        total += value
    return total, len(numbers)


def made_anew(count):
    def adder(n):
        return lambda x: x + n

    total = 0
    for n in range(20):
        for value in map(adder(n), range(count // 10)):
            total += value
    return total


def several(count):
    total = 0
    for value in map(lambda a, b: a * b, range(count), range(count)):
        total += value
    for value in map(abs, [-1, 2, -3] * count):
        total += value
    for index, value in enumerate(map(lambda x: x - 1, range(count))):
        total += index * value
    return total


def left_and_taken_up(count):
    items = map(lambda x: x + 0.5, range(count))
    first = 0
    for value in items:
        first += value
        if value > count // 2:
            break
    rest = 0
    for value in items:
        rest += value
    return first, rest, list(items)


def empty(count):
    passes = 0
    for i in range(count):
        for _ in map(lambda x: x, []):
            passes += 1
        for _ in map(lambda x: x, [i]):
            passes += 10
    return passes


print(plain(200))
print(branches(300))
print(stops(300))
print(raises(300))
print(changes(200))
print(made_anew(300))
print(several(200))
print(left_and_taken_up(300))
print(empty(120))
