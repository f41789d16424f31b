"""A timer's signal ends endless hot loops: the handler raises KeyboardInterrupt or an exception of its own."""

# expect-stdout:
#   ints interrupted
#   floats interrupted
#   ranges interrupted
#   nested interrupted
#   calls interrupted
#   lists interrupted
#   ints alarm True
#   ranges alarm True
#   lists alarm True
#   module level interrupted True

import signal


class Alarm(Exception):
    pass


def raise_interrupt(number, frame):
    raise KeyboardInterrupt


def raise_alarm(number, frame):
    raise Alarm(number == signal.SIGALRM)


def ints():
    n = 0
    while True:
        n += 1


def floats():
    x = 0.0
    try:
        while True:
            x = x * 0.5 + 1.0
    finally:
        assert 0.0 < x <= 2.0


def ranges():
    total = 0
    for i in range(10**15):
        total += i & 3
    return total


def nested():
    while True:
        for i in range(1000):
            for j in range(i % 5):
                pass


def calls():
    def f(x):
        return x + 1

    n = 0
    while True:
        n = f(n) % 1000


def lists():
    items = list(range(100))
    while True:
        for i, x in enumerate(items):
            items[i] = x + 1 & 255


signal.signal(signal.SIGALRM, raise_interrupt)
for loop in (ints, floats, ranges, nested, calls, lists):
    signal.setitimer(signal.ITIMER_REAL, 0.15)
    try:
        loop()
    except KeyboardInterrupt:
        print(loop.__name__, "interrupted")

signal.signal(signal.SIGALRM, raise_alarm)
for loop in (ints, ranges, lists):
    signal.setitimer(signal.ITIMER_REAL, 0.15)
    try:
        loop()
    except Alarm as error:
        print(loop.__name__, "alarm", error.args[0])

signal.signal(signal.SIGALRM, raise_interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.15)
n = 0
try:
    while True:
        n += 1
except KeyboardInterrupt:
    print("module level interrupted", n > 1000)
