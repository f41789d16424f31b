"""A variable that is an int for a long while and then a float, and one that changes in each iteration."""

# expect-stdout:
#   3000.5 3000.5 3000.5 3000
#   (1500.25, [1500, 1501])
#   1500 1500.0 1500.0
#   4200.0 8.264141345021879e+23
#   (23, 37) (546268.5, 883881.0) (104727.25, 169452.25) (5, 9)


def turn(count, at):
    total = 0
    for i in range(count):
        if i == at:
            total = total + 0.5
        total += 1
    return total


print(turn(3000, 5), turn(3000, 1500), turn(3000, 2999), turn(3000, 9999))


def alternate(count):
    x = 0
    kinds = [0, 0]
    for i in range(count):
        if i % 2:
            x = int(x) + 1
        else:
            x = x + 0.25
        kinds[isinstance(x, float)] += 1
    return x, kinds


print(alternate(3001))


def from_list(values):
    total = 0
    for v in values:
        total += v
    return total


print(from_list([1] * 1500), from_list([1] * 1000 + [0.5] * 1000), from_list([0.5, 1] * 1000))
print(from_list([True, 2, 3.0] * 700), from_list([1 << 70, 1, 1.0] * 700))


def parameter(a, b, count):
    for _ in range(count):
        a, b = b, a + b
        if a > 1000000:
            a, b = b % 7, a % 5
    return a, b


print(parameter(1, 2, 2000), parameter(1.5, 2, 2000), parameter(1, 2.25, 2000), parameter(True, False, 2000))
