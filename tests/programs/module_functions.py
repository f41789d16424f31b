"""A module-level loop calls functions that read and change the very names that the loop uses."""

# expect-stdout:
#   1904 1904 952
#   2560501 2250
#   -232050
#   [(1500, ['fresh_a']), (1600, ['fresh_b'])] ['fresh_b']
#   2201 name 'victim' is not defined

counter = 0
limit = 2000
log = []
scale = 1


def peek():
    return counter


def bump(by=1):
    global counter
    counter += by


def shrink():
    global limit
    limit -= 1


def rescale(value):
    globals()["scale"] = value


turns = 0
while counter < limit:
    before = counter
    bump()
    if peek() != before + 1 or counter != peek():
        print("stale", counter)
        break
    counter += 1
    if peek() != before + 2:
        print("not written back", counter)
        break
    if turns % 10 == 0:
        shrink()
    turns += 1
print(counter, limit, turns)

total = 0
for i in range(2500):
    total += scale
    if i % 500 == 250:
        rescale(i)
print(total, scale)


def late():
    return i * 2


result = 0
for i in range(2500):
    result += late() - i
    if i == 1700:
        late = lambda: 0
print(result)


def reader():
    return [name for name in ("fresh_a", "fresh_b") if name in globals()]


for i in range(2000):
    if i == 1500:
        fresh_a = 1
        log.append((i, reader()))
    if i == 1600:
        fresh_b = fresh_a + 1
        del fresh_a
        log.append((i, reader()))
print(log, reader())


def erase():
    del globals()["victim"]


victim = 0
try:
    for i in range(2500):
        victim += i
        if i == 2200:
            erase()
except NameError as error:
    print(i, error)
