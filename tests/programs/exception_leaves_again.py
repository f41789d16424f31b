"""A loop raises again and again where its traces leave: bridges from there do not copy the loop each time."""

# expect-stdout:
#   (3, 998214, 131072)
# expect-event: ..."event":"trace-aborted"..."reason":"leave"...
# expect-event: ..."event":"blacklisted"..."reason":"leave"...
# expect-no-event: ..."event":"trace-started"..."trace":400,...


def kept(source, by):
    for x in source:
        if x % by:
            yield x


def work(p0, p1, *more):
    count = len(more)
    total = 0
    for k3 in range(9):
        for k4 in range(0, 148, 2):
            total += 3
            try:
                p1 = (p1 + 255) * (p1 - k3)
                if not -(1 << 40) < p1 < (1 << 40):
                    p1 = p1 % -1000003
                p0 += p0 // (k4 % 3)
            except (ArithmeticError, LookupError):
                for k5 in range(10, 16, 2):
                    if count < p1:
                        total ^= (10 % -3) + (total if k5 >= k3 else p1)
                    else:
                        p0 = total
                        p1 = len(list(k6 * 3 for k6 in kept(range(6), 2) if k6 % 2))
                        break
                    p1 = (k4 % 2) - (total * count)
                    if not -(1 << 40) < p1 < (1 << 40):
                        p1 = p1 % 1009
                    p0 = (k4 + p1) ^ (1000 - 65536)
            p1 ^= 2 if total == 65536 else p0
            total = 65536 * (count % 2147483647)
    return p0 % 1000003, p1 % 1000003, total


def main():
    found = (3, 5, 0)
    for k in range(120):
        found = work(found[0], found[1], *range(k % 3))
    print(found)


main()
