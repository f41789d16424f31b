"""`list.remove` of numbers, texts, tuples and instances, of what is not there, and of what has finalisers; `sum` of bytes."""

# flags: --threshold-loop=20 --threshold-exit=5
# expect-stdout:
#   []
#   [True, 3] 'zz' is not in list 300
#   del 137 del 37 del 138 del 38 del 139 del 39 40
#   []
#   29106 363 0 200 197
#   63786


def emptied(count):
    numbers = list(range(count))
    for number in range(count - 1, -1, -1):
        numbers.remove(number)
    return numbers


print(emptied(400))


def mixed(count):
    errors = []
    for _ in range(count):
        things = [1, 2.0, "a", (1, "b"), True, None, 3]
        for thing in 2, "a", (1.0, "b"), 1, None:
            things.remove(thing)
        try:
            things.remove("zz")
        except ValueError as error:
            errors.append(str(error))
    return things, errors


things, errors = mixed(300)
print(things, errors[-1], len(errors))


class Told:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        if self.number % 100 >= 37:
            print("del", self.number, end=" ")


def told(count):
    left = 0
    for number in range(count):
        pair = [Told(number), Told(number + 100)]
        first = pair[0]
        pair.remove(first)
        left += len(pair)
    return left


print(told(40))


class Equal:
    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return self.number == other.number


def by_method(count):
    things = [Equal(number) for number in range(count)]
    for number in range(count):
        things.remove(Equal(count - 1 - number))
    return things


for _ in range(20):
    left = by_method(30)
print(left)

print(sum(b"abc" * 99), sum(bytearray(b"xyz")), sum(b""), sum(b"ab", 5), sum(b"ab", start=2))


def sums(count):
    total = 0
    for number in range(count):
        total += sum(bytes([number % 256, 3])) + sum(bytearray(number % 5))
    return total


print(sums(500))
