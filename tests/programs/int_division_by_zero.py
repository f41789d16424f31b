"""Division by zero in hot code: caught each time, the other iterations unharmed, the right message for each operator."""

# expect-stdout:
#   (800, 125000, [(0, 'ZeroDivisionError'), (1, 'ZeroDivisionError'), (2, 'ZeroDivisionError'), (3, 'ZeroDivisionError')])
#   (0, 7069)
#   1 // 0 -> ZeroDivisionError
#   1 % 0 -> ZeroDivisionError
#   1 / 0 -> ZeroDivisionError
#   1.0 // 0 -> ZeroDivisionError
#   1.0 % 0 -> ZeroDivisionError
#   1.0 / 0 -> ZeroDivisionError


def attempts(count):
    failures = 0
    total = 0
    messages = {}
    for i in range(count):
        try:
            kind = i % 4
            d = i % 5
            if kind == 0:
                total += 100 // d
            elif kind == 1:
                total += 100 % d
            elif kind == 2:
                total += int(100 / d)
            else:
                total += divmod(100, d)[0]
        except ZeroDivisionError as error:
            failures += 1
            messages[kind] = type(error).__name__
    return failures, total, sorted(messages.items())


print(attempts(4000))


def outside(count):
    i = count
    seen = 0
    try:
        while True:
            seen += 1000 // i
            i -= 1
    except ZeroDivisionError:
        return i, seen


print(outside(3000))
for text in ("1 // 0", "1 % 0", "1 / 0", "1.0 // 0", "1.0 % 0", "1.0 / 0"):
    try:
        for _ in range(100):
            eval(text)
    except ZeroDivisionError as error:
        print(text, "->", type(error).__name__)
