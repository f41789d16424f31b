"""import statements in hot loops, modules that are replaced or reloaded, attributes of modules that change."""

# expect-stdout:
#   412960.26173494675
#   2759.0
#   60
#   ('0x1.4bacc08e2e8bap+15', True)

import sys
import types


def importing(count):
    total = 0.0
    for i in range(count):
        import math
        from math import sqrt as root

        total += root(i) + math.floor(i / 3)
    return total


print(importing(1500))
module = types.ModuleType("changing")
module.value = 1
sys.modules["changing"] = module


def attribute(count):
    import changing

    total = 0
    for i in range(count):
        total += changing.value
        if i == 1000:
            changing.value = 2.5
        if i == 1500:
            changing.value = lambda: None
        if i == 1501:
            changing.value = 1
        if callable(changing.value):
            changing.value = 10
    return total


print(attribute(2000))


def missing(count):
    failures = 0
    for i in range(count):
        try:
            import no_such_module_at_all
        except ImportError:
            failures += 1
    return failures


print(missing(60))


def patched(count):
    import math

    original = math.sqrt
    total = 0.0
    for i in range(count):
        total += math.sqrt(i)
        if i == 1000:
            math.sqrt = lambda x: 1
        if i == 1500:
            math.sqrt = original
    return total.hex(), math.sqrt is original


print(patched(2000))
