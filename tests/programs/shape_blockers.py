"""What nobody compiles, in the middle of hot loops: exec, import, class and def statements, async, regular expressions."""

# expect-stdout:
#   403870
#   (41678655, Decimal('31187.50'), Fraction(498, 1), libraries.<locals>.Row(key=3, value=0.5))
#   0x1.9217841d5b7f2p+1
#   (3129453, 4500, 12)

import re


def mixture(count):
    total = 0
    for i in range(count):
        class Local:
            value = i

            def get(self):
                return self.value

        def function(x, y=i):
            return x + y

        exec("x = %d" % i, space := {})
        total += Local().get() + function(1) + space["x"] + eval("i + 1")
        total += len(re.findall(r"\d", str(i)))
        total += int(f"{i:>8}".strip()) + len("%s-%s" % (i, i))
        with open("/dev/null") as nowhere:
            total += nowhere.read() == ""
        assert total >= 0, "below zero"
    return total


print(mixture(400))


def libraries(count):
    import json
    from collections import Counter, namedtuple
    from dataclasses import dataclass
    from decimal import Decimal
    from fractions import Fraction

    Pair = namedtuple("Pair", "a b")

    @dataclass(order=True)
    class Row:
        key: int
        value: float = 0.5

    total = 0
    decimal = Decimal(0)
    fraction = Fraction(0)
    for i in range(count):
        pair = Pair(i, b=i + 1)
        row = Row(i % 10)
        total += pair.a * pair.b + (row < Row(5)) + len(json.dumps([i, None, {"a": i}]))
        total += Counter(str(i)).most_common(1)[0][1]
        decimal += Decimal(i) / 4
        fraction += Fraction(i % 7, 3)
    return total, decimal, fraction, max(Row(3), Row(2, 1.0))


print(libraries(500))


def opaque_in_between(count):
    import gc

    total = 0.0
    term = 1.0
    k = 0
    while abs(term) > 1e-9 and k < count:
        gc.isenabled()
        term = (1.0 if k % 2 == 0 else -1.0) / (2 * k + 1)
        total += term
        k += 1
    return (4 * total).hex()


print(opaque_in_between(4000))


def opaque_with_effects(count):
    """Builtins that call back into Python, which changes what the loop has at hand."""
    items = [3, 1, 2]
    calls = 0

    def key(x):
        nonlocal calls
        calls += 1
        if calls % 100 == 0:
            items.append(calls)
        return -x

    total = 0
    for i in range(count):
        n = len(items)
        total += sorted(items[:3], key=key)[0] + items[-1] + n - len(items)
        if len(items) > 20:
            del items[3:]
    return total, calls, len(items)


print(opaque_with_effects(1500))
