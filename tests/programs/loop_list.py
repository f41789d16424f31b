"""for over a list that grows, shrinks, is cleared or replaced while it is iterated."""

# expect-stdout:
#   (1504500, 3000)
#   (1124250, 1500)
#   (600, 270000)
#   (1501, [])
#   (1999000, [])
#   (1997667, 1998)
#   (1201, 1210, [0, 0, 0, 0, 0])
#   (1500, [1, 2.5, 'x', None, (4,), 1])


def growing(limit):
    items = [1, 2, 3]
    total = 0
    for item in items:
        total += item
        if len(items) < limit:
            items.append(item + 1)
    return total, len(items)


print(growing(3000))


def shrinking(count):
    items = list(range(count))
    seen = 0
    for item in items:
        seen += item
        items.pop()
    return seen, len(items)


print(shrinking(3000))


def removing(count):
    items = list(range(count))
    for item in items:
        if item % 3 == 0:
            items.remove(item)
    return len(items), sum(items)


print(removing(900))


def cleared(count):
    items = list(range(count))
    turns = 0
    for item in items:
        turns += 1
        if item == count - 500:
            items.clear()
    return turns, items


print(cleared(2000))


def rebound(count):
    items = list(range(count))
    total = 0
    for item in items:
        total += item
        items = []
    return total, items


print(rebound(2000))


def written(count):
    items = [0] * count
    total = 0
    for index, item in enumerate(items):
        total += item
        if index + 1 < count:
            items[index + 1] = item + index % 3
    return total, items[-1]


print(written(2000))


def inserted_in_front(count):
    items = list(range(10))
    turns = 0
    for item in items:
        turns += 1
        if turns > count:
            break
        items.insert(0, item)
    return turns, len(items), items[:5]


print(inserted_in_front(1200))


def mixed(items):
    out = []
    for item in items:
        if item == 3:
            continue
        out.append(item)
    return len(out), out[:6]


print(mixed([1, 2.5, "x", None, 3, (4,)] * 300))
