"""Handlers that keep things by the id of what they belong to, as copy.deepcopy does: id() runs no Python code."""

# expect-stdout:
#   1200 [0, 1, 2]
#   (400, 800)
#   True False
# expect-no-event: ..."event":"not-inlined"..."callee":"id"...


def keep(thing, memo):
    try:
        memo[id(memo)].append(thing)
    except KeyError:
        memo[id(memo)] = [thing]


def copies(count):
    kept = 0
    first = None
    for i in range(count):
        memo = {}
        for n in range(3):
            keep(n, memo)
        kept += len(memo[id(memo)])
        first = memo[id(memo)]
    return kept, first


def once_each(count):
    seen = {}
    again = 0
    things = [[n] for n in range(count)]
    for thing in things + things + things:
        if id(thing) in seen:
            again += 1
        else:
            seen[id(thing)] = thing
    return len(seen), again


def same(count):
    same = other = 0
    for i in range(count):
        number = i + 10_000
        alias = number
        pair = (number, alias)
        same += id(number) == id(alias) and id(pair[0]) == id(pair[1])
        other += id(pair) == id(number)
    return same == count, other > 0


print(*copies(400))
print(once_each(400))
print(*same(400))
