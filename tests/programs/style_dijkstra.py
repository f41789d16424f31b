"""Shortest paths with heapq and a dict of distances."""

# expect-stdout:
#   15801
# expect-event: ..."kind":"loop"...

import heapq
def dijkstra(graph, src):
    dist = {v: float('inf') for v in graph}
    dist[src] = 0
    heap = [(0, src)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, w in graph[u]:
            nd = d + w
            if nd < dist[v]:
                dist[v] = nd
                heapq.heappush(heap, (nd, v))
    return dist
def main():
    n = 60
    graph = {i: [] for i in range(n)}
    seed = 1
    for i in range(n):
        for k in range(5):
            seed = (seed * 1103515245 + 12345) & 0x7fffffff
            graph[i].append((seed % n, (seed >> 8) % 100 + 1))
    total = 0
    for s in range(0, 3):
        d = dijkstra(graph, s)
        total += sum(x for x in d.values() if x != float('inf'))
    print(total)
main()
