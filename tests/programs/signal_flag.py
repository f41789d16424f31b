"""A signal handler that changes what a hot loop looks at: the loop sees it and goes on correctly."""

# expect-stdout:
#   True True
#   True [True]
#   True True
#   True 3000 True True
#   True

import os
import signal

done = False
ticks = 0


def stop(number, frame):
    global done
    done = True


def tick(number, frame):
    global ticks
    ticks += 1


def wait_for_global():
    n = 0
    while not done:
        n += 1
    return n > 0


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.15)
print(wait_for_global(), done)


def wait_for_list(box):
    n = 0
    while not box[0]:
        n += 1
    return n > 0


box = [False]
signal.signal(signal.SIGALRM, lambda number, frame: box.__setitem__(0, True))
signal.setitimer(signal.ITIMER_REAL, 0.15)
print(wait_for_list(box), box)


def many_ticks():
    """The loop's own arithmetic must not suffer from handlers that run in between."""
    total = 0
    i = 0
    while ticks < 20:
        i += 1
        total += i & 1
    return total == (i + 1) // 2


signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
print(many_ticks(), ticks >= 20)
signal.setitimer(signal.ITIMER_REAL, 0)

done = False
signal.signal(signal.SIGUSR1, stop)
count = 0
sent = 0
while not done:
    count += 1
    if count == 3000:
        os.kill(os.getpid(), signal.SIGUSR1)
        sent = count
print(done, sent, count >= sent, count < sent + 100000)
done = False
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.15)
while not done:
    count += 1
print(done)
