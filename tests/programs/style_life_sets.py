"""Life on a set of cells."""

# expect-stdout:
#   14 [(-2, 1), (-2, 5), (-2, 6)]
# expect-event: ..."kind":"loop"...

def step(live):
    counts = {}
    for x, y in live:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    cell = (x + dx, y + dy)
                    counts[cell] = counts.get(cell, 0) + 1
    return {cell for cell, n in counts.items() if n == 3 or (n == 2 and cell in live)}
live = {(0, 1), (1, 3), (2, 0), (2, 1), (2, 4), (2, 5), (2, 6)}
for g in range(12):
    live = step(live)
print(len(live), sorted(live)[:3])
