"""A function that is recorded calls itself with a number where it was entered with another object, and the other way round."""

# expect-stdout:
#   [137.5, 138.5, 139.5] [254.5, 255.5, 256.5]
#   ['((((21.5True)1.5True)1.5True)1.5True)', '(((21.5True)1.5True)1.5True)', '((21.5True)1.5True)', '(21.5True)', '0', '1', '2']
# expect-no-event: ..."event":"blacklisted"...
# expect-event: ..."event":"trace-compiled"..."kind":"function"..."function":"size"...


def size(thing, depth):
    """Of nested lists of numbers, texts and None."""
    if isinstance(thing, list):
        total = depth
        for part in thing:
            total += size(part, depth + 1)
        return total
    if thing is None:
        return 100
    if isinstance(thing, str):
        return len(thing)
    return thing


def text(thing):
    """Numbers inside of objects inside of numbers: `int` stands for a list of that length."""
    if isinstance(thing, tuple):
        return "(" + "".join([text(part) for part in thing]) + ")"
    if thing > 2:
        return text((thing - 1, 1.5, True))
    return str(thing)


def main():
    nested = [1, "ab", [2, None, [3, 2.5, True]], [], "c", [[["d", 7]]]]
    totals = []
    for n in range(120):
        totals.append(size([n, nested], 0))
    print(totals[:3], totals[-3:])
    texts = set()
    for n in range(200):
        texts.add(text(n % 7))
    print(sorted(texts))


main()
