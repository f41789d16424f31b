"""A breadth-first search through a grid of strings, and one through a graph.

What it measures: deques, tuples as keys of dicts and elements of sets, and characters of strings.
"""

from collections import deque

SCALE = 300
SMALL = 20
REPEATS = 8


def through_grid(grid):
    """Steps from the first to the last field; -1 when there is no way."""
    size = len(grid)
    queue = deque([(0, 0)])
    steps = {(0, 0): 0}
    while queue:
        row, column = queue.popleft()
        if row == size - 1 and column == size - 1:
            return steps[row, column]
        for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            r, c = row + down, column + right
            if 0 <= r < size and 0 <= c < size and grid[r][c] != "#" and (r, c) not in steps:
                steps[r, c] = steps[row, column] + 1
                queue.append((r, c))
    return -1


def through_graph(edges, start):
    """How many nodes are reached, and a checksum of their order."""
    seen = {start}
    order = 0
    queue = deque([start])
    while queue:
        node = queue.popleft()
        order = (order * 31 + node) % 1_000_003
        for other in edges[node]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return len(seen), order


def main(scale=SCALE):
    """Returns the steps and a checksum."""
    grid = []
    seed = 42
    for i in range(scale):
        row = []
        for j in range(scale):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            wall = (seed >> 16) % 4 == 0 and 2 < i + j < 2 * scale - 4
            row.append("#" if wall else ".")
        grid.append("".join(row))
    nodes = scale * scale // 2
    edges = {i: [(i * 7 + 1) % nodes, (i * 3 + 2) % nodes, (i + 1) % nodes] for i in range(nodes)}
    return through_grid(grid), through_graph(edges, 1)


if __name__ == "__main__":
    print(main())
