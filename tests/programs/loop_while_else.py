"""break, continue and else in for and while loops; the else runs when, and only when, nothing broke."""

# expect-stdout:
#   (239, 165040)
#   found at 999 missing missing found at 0
#   1002500 100002
#   ('all', 1334, 666, 4996) ('all', 1002, 498, 3747)
#   ('inside', 3001) ('outside', 3000)
#   1997000


def primes(limit):
    found = []
    for n in range(2, limit):
        for d in range(2, n):
            if d * d > n:
                found.append(n)
                break
            if n % d == 0:
                break
        else:
            found.append(n)
    return len(found), sum(found)


print(primes(1500))


def search(items, wanted):
    i = 0
    while i < len(items):
        if items[i] == wanted:
            result = "found at %d" % i
            break
        i += 1
    else:
        result = "missing"
    return result


items = list(range(0, 3000, 3))
print(search(items, 2997), search(items, 5), search([], 1), search(items, 0))


def skipping(count):
    total = 0
    i = 0
    while i < count:
        i += 1
        if i % 2:
            continue
        if i % 3 == 0:
            total += 1
            continue
        total += 2
        if total > 100000:
            break
    else:
        total += 1000000
    return total


print(skipping(3000), skipping(300000))


def labelled(count):
    outer = inner = other = 0
    for i in range(count):
        for j in range(i % 9):
            if j == 5:
                inner += 1
                break
            if (i + j) % 4 == 0:
                continue
            other += 1
        else:
            outer += 1
            if i == count - 1000:
                continue
        if other > 5500:
            break
    else:
        return "all", outer, inner, other
    return "broke", i, outer, inner, other


print(labelled(2000), labelled(1500))


def forever(count):
    n = 0
    while True:
        n += 1
        if n == count:
            break
        while 1:
            if n % 2:
                break
            n += 1
            if n >= count:
                return "inside", n
    return "outside", n


print(forever(3001), forever(3000))


def one_turn(count):
    total = 0
    for i in range(count):
        while True:
            total += i
            break
        for _ in (0,):
            total -= 1
    return total


print(one_turn(2000))
