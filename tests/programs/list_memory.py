"""Lists and tuples changed, sliced, joined and given up in loops: contents, identities, deaths and errors."""

# expect-stdout:
#   74958
#   (379039223, [[0, 0], [0, 0]], [[0, 0], [0, 0]], [9, 119, 120, 121, 0, 1, 2, 3, 4, 0, 1, 2, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, 7, 8, 1, 2, 3, 4, 0, 1, 2, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, 7, 2, 1])
#   (60, ((0, 2, 3, 59), []))
#   ([(0, 1), (0, 0), (0, 2), (0, 3), (0, 4), (0, 5), (0, 3), (1, 1)], [(59, 2), (59, 3), (59, 4), (59, 5), (59, 3)], 420)
#   (3742060497, (([3, 4], (3, '3', [3])), [None], (4.5, 3, 3)), 300)
#   12
#   ['pop from empty list', 'pop index out of range', 'pop index out of range', 'pop index out of range']

from zlib import crc32


class Dies:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Dies.log.append(self.name)


def flips(n):
    total = 0
    for i in range(n):
        perm = [(i * 7 + k) % 9 for k in range(9)]
        k = perm[0]
        steps = 0
        while k and steps < 20:
            perm[: k + 1] = reversed(perm[: k + 1])
            k = perm[0]
            steps += 1
        insert, pop = perm.insert, perm.pop
        insert(i % 9, pop(0))
        insert(-2, pop(-3))
        insert(100, pop(4))
        insert(-100, pop())
        total += steps * 31 + sum(x * y for x, y in zip(perm, range(9)))
    return total


def slices(n):
    out = []
    base = list(range(10))
    text = "abcdefghij"
    odd = "abç€fghij"
    t = tuple(base)
    for i in range(n):
        a, b, c = i % 13 - 6, i % 7 - 3, (i % 5 - 2) or 3
        out.append((base[a:b], base[::c], base[a::c], base[:b:c], base[a:b:c], base[::-1]))
        out.append((text[a:b], text[::c], text[a:b:c], odd[a:b:c], odd[::-1]))
        out.append((t[a:b], t[::c], t[a:b:c], t[:], t[:] is t))
        copy = base[:]
        copy[a:b] = t[:3]
        copy[b:a] = base
        copy[:2] = copy
        copy[1:1] = iter([i, i + 1, i + 2])
        copy[-1:] = reversed((1, 2))
        copy[5:2] = []
        out.append(copy)
        out.append(base[:2] * (i % 4 - 1) + (i % 3) * [i] + base[8:])
        out.append([[0] * 2] * 2)
        base.append(base.pop(0))
    return crc32(str(out).encode()), out[5], out[-1], out[-3]


def used_iterator(n):
    seen = []
    for i in range(n):
        it = iter([1, 2, 3, i])
        next(it)
        target = [0, 0]
        target[1:] = it
        seen.append((tuple(target), list(it)))
    return len(seen), seen[-1]


def deaths(n):
    for i in range(n):
        pair = [Dies((i, 0)), Dies((i, 1)), Dies((i, 2))]
        pair[:2] = (None,)
        pair[1:] = [i, i]
        nest = ([Dies((i, 3)), (Dies((i, 4)), i)], Dies((i, 5)))
        nest = None
        Dies.log.append((i, len(pair)))
    return Dies.log[:8], Dies.log[-5:], len(Dies.log)


def husks(n):
    # What has died must not be seen again in what is made after it.
    keep = []
    for i in range(n):
        a = [i, i + 1]
        b = (i, str(i), [i])
        keep.append((a, b) if i % 3 == 0 else None)
        a = b = None
        c = [None]
        d = (1.5 * i, i, i)
        keep[-1] = (keep[-1], c, d)
    return crc32(str(keep).encode()), keep[3], len({id(x) for x in keep})


def sorts(n):
    # A list that a key function changes while it is sorted.
    errors = 0
    for i in range(n):
        words = [3, 1, 2]

        def key(x):
            for _ in range(40):
                words.append(x)
                words.pop()
            return x

        try:
            words.sort(key=key)
        except ValueError as error:
            errors += str(error) == "list modified during sort"
    return errors


def errors(n):
    seen = []
    for i in range(n):
        items = [1, 2, 3][: i % 4]
        try:
            items.pop(2)
            items.pop(-3)
            seen.append(items[::0])
        except (IndexError, ValueError) as error:
            seen.append(str(error))
    return seen[-4:]


print(flips(300))
print(slices(120))
print(used_iterator(60))
print(deaths(60))
print(husks(300))
print(sorts(12))
print(errors(80))
