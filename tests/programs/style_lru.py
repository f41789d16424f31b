"""Caches by a dict and by an OrderedDict."""

# expect-stdout:
#   15467 579 321
# expect-event: ..."kind":"loop"...

from collections import OrderedDict
class LRU:
    def __init__(self, size):
        self.size = size
        self.data = {}
        self.hits = self.misses = 0
    def get(self, key):
        if key in self.data:
            self.hits += 1
            value = self.data.pop(key)
            self.data[key] = value
            return value
        self.misses += 1
        return None
    def put(self, key, value):
        if key in self.data:
            del self.data[key]
        elif len(self.data) >= self.size:
            del self.data[next(iter(self.data))]
        self.data[key] = value
class LRU2:
    def __init__(self, size):
        self.size = size
        self.od = OrderedDict()
    def get(self, key):
        try:
            self.od.move_to_end(key)
            return self.od[key]
        except KeyError:
            return None
    def put(self, key, value):
        self.od[key] = value
        self.od.move_to_end(key)
        if len(self.od) > self.size:
            self.od.popitem(last=False)
cache = LRU(10)
seed = 5
total = 0
for i in range(900):
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    key = (seed >> 12) % 15
    v = cache.get(key)
    if v is None:
        cache.put(key, key * 2)
    else:
        total += v
c2 = LRU2(50)
for i in range(500):
    key = (i * i) % 91
    v = c2.get(key)
    if v is None:
        c2.put(key, i)
    else:
        total += v
print(total, cache.hits, cache.misses)
