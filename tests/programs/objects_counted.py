"""Who looks at all objects there are finds none that has died, however many compiled code keeps to use them again."""

# expect-stdout:
#   2000 499500 4000
#   [0, 0, 0]
#   [1, 2]
#   100 rings collected, left []
# expect-event: ..."kind":"loop"...

import gc
import weakref


class Link:
    def __init__(self, value, following):
        self.value = value
        self.following = following


class Chain:
    def __init__(self):
        self.head = None

    def push(self, value):
        self.head = Link(value, self.head)

    def clear(self):
        while self.head is not None:
            self.head = self.head.following


def build(chain, count):
    for number in range(count):
        chain.push(number)


def counted(*classes):
    return [sum(type(found) is one for found in gc.get_objects()) for one in classes]


def pairs(count):
    made = []
    for number in range(count):
        made.append([number, (number, str(number))])
    return sum(len(pair) for pair in made)


gc.collect()
chain = Chain()
total = length = 0
for _ in range(4):
    # Each but the first builds the chain from what the one before has let go.
    build(chain, 1000)
    walk = chain.head
    while walk is not None:
        total += walk.value
        length += 1
        walk = walk.following
    chain.clear()
print(pairs(1000), total // 4, length)

del walk
print([*counted(Link), sum(type(one) is Link for one in gc.get_referrers(Link)), counted(Link)[0]])

kept = Link(weakref.ref(chain), Link(1, None))
print(counted(Chain, Link))


def tie(count):
    for number in range(count):
        link = Link(number, None)
        link.following = link


# Rings of what was used before are collected as any other.
del kept
build(chain, 200)
chain.clear()
gc.collect()
tie(100)
collected = gc.collect()
print(collected // 2 if collected == 200 else collected, "rings collected, left", counted(Link)[:-1])
