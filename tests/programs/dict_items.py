"""Dicts and sets in hot loops: items read, stored and looked for; keys that compare in Python; missing keys."""

# expect-stdout:
#   {'s': 160, 'o': 160, 'm': 80, 'e': 80, ' ': 80, 'w': 80, 'r': 80, 'd': 80}
#   (10466, 39, True)
#   (481, 19)
#   (4668, 100, 138, [7, 7, 7, 15], 27794)
#   {0: 12250, 1: 12300, 2: 12350, 3: 12400, 4: 12450, 5: 12500, 6: 12550, 7: 12600, 8: 12650, 9: 12700}
#   0 399
#   43 4 unhashable
# expect-event: ..."kind":"loop"...


def counting(text, n):
    counts = {}
    for turn in range(n):
        for c in text:
            if c in counts:
                counts[c] += 1
            else:
                counts[c] = 1
    return counts


print(counting("some words", 80))


def memo(n):
    seen = {}
    hits = 0
    for i in range(n):
        key = (i % 13, i % 3)
        if key not in seen:
            seen[key] = i
        elif seen[key] + i > 100:
            hits += seen.get(key, 0) + seen.get(i, 1)
    return hits, len(seen), bool(seen)


print(memo(600))


def sets(n):
    have = set()
    dup = 0
    for i in range(n):
        k = i * i % 37
        if k in have:
            dup += 1
        have.add(k)
        if {} or set():
            dup += 1000
    return dup, len(have)


print(sets(500))


class Key:
    log = []

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        Key.log.append(limit)
        return isinstance(other, int) and other == self.n


limit = 0


def custom(n):
    global limit
    table = {i: i for i in range(5)}
    table[Key(7)] = "seven"
    total = 0
    misses = 0
    for i in range(n):
        limit = i
        if i % 9 in table:
            total += 1
            if i % 9 == 7 and table[i % 9] == "seven":
                total += 100
        try:
            table[i % 8]
        except KeyError:
            misses += 1
    return total, misses, len(Key.log), Key.log[:4], sum(Key.log)


print(custom(400))

table = {}
for i in range(500):
    table[i % 10] = table.get(i % 10, 0) + i
print(table)


class Watch:
    def __hash__(self):
        return 3

    def __eq__(self, other):
        global shared
        shared += 1
        return False


shared = 0
watched = {Watch(): 1}
for step in range(400):
    shared += 2
    watched.get(3)
    if 3 in watched:
        print("never")
print(shared % 400, step)

unhashable = 0
for step in range(300):
    try:
        for key in (1, 2, [step] if step % 7 == 0 else 3):
            watched[key] = step
    except TypeError as error:
        unhashable += 1
print(unhashable, len(watched), str(error) if unhashable == 0 else "unhashable")
