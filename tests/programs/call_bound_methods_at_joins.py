"""A method taken out of a loop's way, as library code does: its calls stay what they are behind branches and other calls."""

# expect-stdout:
#   [2000, 2666, 2001000, 1000]
#   [600, 179700, 0]
# expect-no-event: ..."event":"not-inlined"..."callee":"list.append"...


def depth(tree):
    if not tree:
        return 0
    if len(tree) == 1:
        return 1 + depth(tree[0])
    return 1 + max(depth(tree[0]), depth(tree[1]))


def outer(count, tree):
    lengths = [0, 0, 0, 0]
    for i in range(count):
        items = []
        append = items.append
        while True:
            append(depth(tree) + i)
            if i % 3 == 0:
                append(i)
            if len(items) > 1:
                break
            if i % 2:
                append(i)
                break
        if i % 2:
            lengths[0] += len(items)
        else:
            lengths[1] += len(items) + (i % 3 > 0)
        lengths[2] += items[0]
        lengths[3] += len(items) == 2 and i % 2
    return lengths


def other_lists(count):
    small, large = [], []
    for i in range(count):
        append = small.append if i % 2 else large.append
        if i % 5:
            append(i)
        else:
            append(i)
    return [len(small) + len(large), sum(small) + sum(large), len(small) - len(large)]


print(outer(2000, [[], []]))
print(other_lists(600))
