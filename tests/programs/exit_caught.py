"""SystemExit, KeyboardInterrupt and GeneratorExit raised and caught in hot loops like other exceptions."""

# expect-stdout:
#   ['GeneratorExit', 'KeyboardInterrupt', 399, 'GeneratorExit', 'KeyboardInterrupt', 799, 'GeneratorExit', 'KeyboardInterrupt', 1199, 'GeneratorExit', 'KeyboardInterrupt', 1599, 'GeneratorExit']

import sys


def run(count):
    codes = []
    for i in range(count):
        try:
            if i % 400 == 399:
                sys.exit(i)
            if i % 400 == 199:
                raise KeyboardInterrupt
            if i % 400 == 99:
                raise GeneratorExit
        except SystemExit as error:
            codes.append(error.code)
        except BaseException as error:
            codes.append(type(error).__name__)
    return codes


print(run(1700))
