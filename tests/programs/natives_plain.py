"""Natives that run no Python code: sets, deques, heaps, bisect, sorting, views; elements that compare in Python among them."""

# expect-stdout:
#   (30, 4, [1, 2, 4, 6]) (180, [1, 2, 3]) ([0, 2, 4], 0, [0, 2, 4], 6) 75
#   (12252, [(20, -20), (21, 99), (21, -97)], 0.0) (12252, [(20, -20), (21, 99), (21, -97)], 0.0) True
#   ([0, 0, 1, 2, 3], 4673) (1003, 40, [('a', 40), ('b', 40)], [30], 8)
#   ([1, 2, 3, 4, 5, 6, 7, 8, 9], 186, [3, 4, 5, 0, 1, 2]) 4830
#   ((3, ''), [(2, 'l'), (2, 'l')]) 238965
# expect-event: ..."kind":"loop"...

from collections import deque, defaultdict, Counter, OrderedDict, namedtuple
import bisect
import heapq

log = []


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        log.append("h")
        return hash(self.n)

    def __eq__(self, other):
        log.append("e")
        return isinstance(other, Odd) and self.n == other.n

    def __lt__(self, other):
        log.append("l")
        return self.n < (other.n if isinstance(other, Odd) else other)

    def __gt__(self, other):
        log.append("g")
        return self.n > (other.n if isinstance(other, Odd) else other)


def sets(n):
    seen, dropped = set(), 0
    for i in range(n):
        seen.add(i * 7 % 31)
        seen.add((i % 5, "k"))
        if i % 3 == 0:
            seen.discard(i % 31)
        if 5 in seen:
            seen.remove(5)
            dropped += 1
        if i == n - 20:
            seen.add(Odd(3))
    return len(seen), dropped, sorted(x for x in seen if isinstance(x, int))[:4]


def missing(n):
    bad = 0
    s = {1, 2, 3}
    for i in range(n):
        try:
            s.remove(i % 9)
        except KeyError as e:
            bad += e.args[0]
            s |= {i % 9}
    return bad, sorted(s)


def queue(n):
    q, out = deque([0]), []
    last = deque(maxlen=3)
    while q and len(out) < n:
        x = q.popleft()
        out.append(x)
        q.append(x + 1)
        last.append(x)
        if x % 2:
            q.appendleft(x + 2)
        if x % 5 == 4:
            q.pop()
        if q:
            q[0] = q[0] + 1
    return out[-3:], len(q), list(last), sum(last)


def empty_queue(n):
    q, bad = deque(), 0
    for i in range(n):
        try:
            q.pop()
        except IndexError:
            bad += 1
        if i % 4 == 0:
            q.append(i)
    return bad


def heap(n, odd):
    h, out, x = [], [], 7
    for i in range(n):
        x = x * 1103515245 + 12345 & 0xFFFF
        heapq.heappush(h, (x % 50, i))
        if i % 3 == 2:
            out.append(heapq.heappop(h))
        if i % 7 == 6:
            out.append(heapq.heappushpop(h, (x % 20, -i)))
            out.append(heapq.heapreplace(h, (x % 60, -i)))
    floats = []
    for i in range(n):
        heapq.heappush(floats, (i * 37 % 11) / 4)
        if odd and i == n - 10:
            heapq.heappush(floats, Odd(1))
    return sum(a * b for a, b in out), h[:3], [heapq.heappop(floats) for _ in range(4)][0]


def bisected(n):
    a, at = [], 0
    for i in range(n):
        bisect.insort(a, i * 31 % 97)
        at += bisect.bisect_left(a, 50) - bisect.bisect_right(a, 20)
    words = sorted(str(i) for i in range(40))
    for i in range(n):
        at += bisect.bisect(words, str(i % 45))
    return a[:5], at


def missing_keys(n):
    counts, groups, c = defaultdict(int), defaultdict(list), Counter()
    for i in range(n):
        counts[i % 7] += i
        groups[i % 3, "x"].append(i)
        c["abc"[i % 3]] += 1
        if i == n - 5:
            counts[Odd(9)] += 1
    made = defaultdict(lambda: [0])
    for i in range(n):
        made[i % 4][0] += 1
    return counts[3], len(groups[0, "x"]), c.most_common(2), made[2], len(counts)


def dicts(n):
    d, popped = {}, 0
    for i in range(n):
        d.setdefault(i % 10, []).append(i)
        if i % 11 == 0:
            popped += len(d.pop(i % 10))
        popped += d.pop(i % 20 + 100, 1)
        d.update({i % 4 + 50: i})
        if i % 4 + 50 in d:
            del d[i % 4 + 50]
    od = OrderedDict()
    for i in range(n):
        od[i % 6] = i
        od.move_to_end(i % 3 if i % 3 in od else i % 6)
    return sorted(d), popped, list(od)


def over_views(n):
    d = {i: i * i for i in range(6)}
    t = 0
    for i in range(n):
        t += sum(d.values()) + max(d.keys()) + min(d.items())[0] + len(d.items())
        t += sorted(d, reverse=i % 2 == 0)[0] + len(list(d.items())) + len(set(d.values()))
    return t


def odd_inside(n):
    xs, out = [3, 1, 2], []
    for i in range(n):
        if i == n - 3:
            xs = [Odd(2), Odd(1)]
        log.clear()
        ys = sorted(xs)
        out.append((len(ys), "".join(log)))
        if i >= n - 2:
            xs.sort()
    return out[0], out[-2:]


Point = namedtuple("Point", "x y")


def points(n):
    t = 0
    for i in range(n):
        p = Point(i, i + 1)
        x, y = p
        t += x * p.y - p[0]
    return t


print(sets(120), missing(90), queue(150), empty_queue(100))
log.clear()
print(heap(120, False), heap(120, True), len(log) > 0)
print(bisected(120), missing_keys(120))
print(dicts(120), over_views(60))
print(odd_inside(60), points(90))
