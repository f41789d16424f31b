"""Words counted in a dict, and pairs of them in another.

What it measures: dicts with keys of str and of tuples, methods of dicts, and iteration over their items.
"""

SCALE = 100_000
SMALL = 1_000
REPEATS = 8


def main(scale=SCALE):
    """Returns a checksum of the counts."""
    words = ["w%d" % (i * i % 211) for i in range(997)]
    counts = {}
    pairs = {}
    before = "start"
    for i in range(scale):
        word = words[i % 997]
        counts[word] = counts.get(word, 0) + 1
        pair = (before, word)
        if pair in pairs:
            pairs[pair] += 1
        else:
            pairs[pair] = 1
        before = word
    checksum = 0
    for word, count in counts.items():
        checksum = (checksum * 31 + count * len(word)) % 1_000_003
    for count in pairs.values():
        checksum = (checksum + count * count) % 1_000_003
    return checksum


if __name__ == "__main__":
    print(main())
