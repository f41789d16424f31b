"""Functions with many branches, and recursive ones, that share variables with functions inside: they are called as compiled code,
with their cells, left in the middle, and raise."""

# expect-stdout:
#   67915.0 660 ['seven', 'twice', 'seven', 'thirteen'] ['seven', 'twice', 'seven']
#   5828 3351 12673
#   1868.0


def judge(n, items, log):
    """More branches than what is inlined has."""
    score = 0
    limit = n % 11

    def note(text):
        nonlocal score
        score += len(text)
        log.append(text)

    if n % 2:
        score += 1
    elif n % 3:
        score += 2
    elif n % 5:
        score += 3
    if n % 7 == 0:
        note("seven")
    if n % 13 == 0:
        note("thirteen" if n % 26 else "twice")
    for item in items:
        if item is None:
            continue
        if isinstance(item, str):
            score += len(item)
        elif item > limit:
            score += sum(1 for other in items if isinstance(other, (int, float)) and other > limit)
        elif item < 0:
            limit = -item
        else:
            score -= 1
    while score > 1000:
        score //= 3
    if n % 97 == 50:
        raise ValueError(score)
    return score if n % 9 else float(score)


def descend(depth, seen):
    total = 0

    def add(value):
        nonlocal total
        total += value
        seen.append(value)

    if depth:
        add(descend(depth - 1, seen) if depth % 3 else depth)
        for step in range(depth % 4):
            add(step)
        if depth % 5 == 4:
            add(descend(depth // 2, seen))
    return total


class Kept:
    def __init__(self, items):
        self.items = items
        self.log = []

    def run(self, n):
        try:
            return judge(n, self.items, self.log)
        except ValueError as error:
            return error.args[0]


def main():
    items = [3, 8, None, "text", 12, -4, 5.5, 7]
    kept = Kept(items)
    total = 0
    for n in range(3000):
        total += kept.run(n)
        if n == 2000:
            items[3] = 2 ** 70
    print(total, len(kept.log), kept.log[:4], kept.log[-3:])
    seen = []
    total = 0
    for i in range(400):
        total += descend(i % 23, seen)
    print(total, len(seen), sum(seen))
    functions = [lambda x, k=k: judge(x, [k, None, x], []) for k in range(3)]
    total = 0
    for n in range(600):
        try:
            total += functions[n % 3](n)
        except ValueError as error:
            total += error.args[0]
    print(total)


main()
