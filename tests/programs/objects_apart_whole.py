"""Instances that a loop makes anew come back now and then as others that somebody else holds: then they stay whole."""

# expect-stdout:
#   (9, -7, 5) [(2, 0), (2, -1), (3, -2), (5, -3), (5, -4)]
#   (43, -4, 10) [(39, 0), (36, -1), (38, -2), (96, -3), (39, -4)]
#   (111, -10, 17) [(83, 0), (64, -1), (67, -2), (152, -3), (68, -4)]
#   (74, [12], 6, 503)
#   (40385, [1998], 228, 853)


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, by):
        return Point(self.x + by, self.y - by)


class Pair:
    __slots__ = ("first", "second")

    def __init__(self, first, second):
        self.first = first
        self.second = second


def walk(limit, pool):
    point = Point(0, 0)
    for i in range(limit):
        if i % 7 == 3:
            point = pool[i % len(pool)]
            point.x += 1
        elif i % 7 == 5:
            point = max(pool, key=lambda other: other.y)
        else:
            point = point.moved(i % 5)
        if i % 400 == 399:
            pool.append(point)
    return point.x, point.y, len(pool)


def pairs(limit, kept):
    pair = Pair(0, [])
    for i in range(limit):
        if i % 9 == 4:
            kept.append(pair)
            pair = kept[i % len(kept)]
        else:
            pair = Pair(pair.first + i, pair.second if i % 3 else [i])
    return pair.first, pair.second, len(kept), sum(other.first for other in kept) % 1009


def main():
    pool = [Point(i, -i) for i in range(5)]
    for limit in (50, 2000, 3000):
        print(walk(limit, pool), [(point.x, point.y) for point in pool[:5]])
    kept = []
    for limit in (50, 2000):
        print(pairs(limit, kept))


main()
