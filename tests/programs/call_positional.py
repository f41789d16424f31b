"""Small Python functions called from hot loops: positional, nested, with several results, with locals of their own."""

# expect-stdout:
#   6102968
#   1619733.0
#   {0: 3, 1: 3.5, 2: 'ab', 3: [1, 2]}
#   (400, "add() missing 1 required positional argument: 'b'")
#   1501 None
#   2939


def add(a, b):
    return a + b


def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def two(n):
    return n // 3, n % 3


def nothing():
    pass


def nested(n):
    return add(add(n, 1), clamp(n, 100, 500))


def with_loop(n):
    total = 0
    for i in range(n % 5):
        total += i
    return total


def run(count):
    total = 0
    for i in range(count):
        q, r = two(i)
        total = add(total, clamp(i % 700, 50, 600)) + q - r + nested(i) + with_loop(i)
        if nothing() is not None:
            total = 0
    return total


print(run(2500))


def apply(functions, count):
    total = 0
    for i in range(count):
        total += functions[i % len(functions)](i)
    return total


print(apply([abs, float, int, lambda x: -x, with_loop, str.__len__.__class__ and nested], 2400))


def argument_types(count):
    out = {}
    for i in range(count):
        a, b = ((1, 2), (1.5, 2), ("a", "b"), ([1], [2]))[i % 4]
        out[i % 4] = add(a, b)
    return out


print(argument_types(2000))


def wrong_count(count):
    failures = 0
    for i in range(count):
        try:
            if i % 10 == 9:
                add(1)
            elif i % 10 == 8:
                add(1, 2, 3)
            else:
                add(1, 2)
        except TypeError as error:
            failures += 1
            text = str(error)
    return failures, text


print(wrong_count(2000))


def early(items):
    for n in items:
        if n > 1500:
            return n
    return None


print(early(range(3000)), early(range(1000)))


def assigns_parameters(a, b):
    while b:
        a, b = b, a % b
    return a


def gcds(limit):
    ones = 0
    for i in range(1, limit):
        for j in range(1, limit):
            if assigns_parameters(i, j) == 1:
                ones += 1
    return ones


print(gcds(70))
