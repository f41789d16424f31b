"""A recording that comes to a function without compiled code is aborted. The functions that it has gone through before are
inlined all the same the next time."""

# expect-stdout:
#   (3840, 5000)
# options: --threshold-loop 30 --threshold-function 100000 --threshold-exit 8
# expect-event: ..."reason":"function-not-compiled"...
# expect-no-event: ..."event":"not-inlined"..."callee":"Source.get"...


class Source:
    def __init__(self):
        self.at = 0

    def get(self):
        at = self.at
        if at % 3:
            at += 1
        else:
            at += 2
        self.at = at % 7
        return at


def depth(tree):
    if not tree:
        return 0
    if len(tree) == 1:
        return 1 + depth(tree[0])
    return 1 + max(depth(tree[0]), depth(tree[1]))


def run(source, tree, count):
    total = deep = 0
    for i in range(count):
        if i % 4 == 0:
            total -= source.get()
            deep += depth(tree)
            total += source.get()
        if i % 5 == 0:
            total += source.get()
    return total, deep


tree = [[], [[], [[[[]]], []]]]
print(run(Source(), tree, 4000))
