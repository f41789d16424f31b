"""The shortest ways through a grid with walls, first by steps, then by cost.

What it measures: pairs of ints as elements of sets and keys of dicts, a deque, a heap of tuples.
"""

import heapq
from collections import deque

SCALE = 150
SMALL = 20
REPEATS = 8
SIDES = ((1, 0), (0, 1), (-1, 0), (0, -1))


def make(size):
    """The walls, and what each other place costs."""
    state, walls, costs = 7, set(), {}
    for x in range(size):
        for y in range(size):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            if state >> 16 & 7 < 2 and x + y > 0:
                walls.add((x, y))
            else:
                costs[x, y] = 1 + (state >> 8) % 9
    return walls, costs


def farthest(size, walls):
    """How many places can be reached, and in how many steps the last one."""
    seen, queue, last = {(0, 0)}, deque([(0, 0, 0)]), 0
    while queue:
        x, y, last = queue.popleft()
        for dx, dy in SIDES:
            a, b = x + dx, y + dy
            if 0 <= a < size and 0 <= b < size and (a, b) not in walls and (a, b) not in seen:
                seen.add((a, b))
                queue.append((a, b, last + 1))
    return len(seen), last


def cheapest(costs):
    """What it costs to get to the place that costs most to get to."""
    best, heap, most = {(0, 0): 0}, [(0, 0, 0)], 0
    while heap:
        cost, x, y = heapq.heappop(heap)
        if cost > best[x, y]:
            continue
        most = cost
        for dx, dy in SIDES:
            place = (x + dx, y + dy)
            if place in costs:
                sum_of = cost + costs[place]
                if sum_of < best.get(place, 1 << 30):
                    best[place] = sum_of
                    heapq.heappush(heap, (sum_of, *place))
    return most


def main(scale=SCALE):
    """Returns places, steps and cost."""
    walls, costs = make(scale)
    return (*farthest(scale, walls), cheapest(costs))


if __name__ == "__main__":
    print(main())
