"""Three bodies under gravity, every coordinate in a local variable.

What it measures: float arithmetic alone. Eighteen floats live across the back edge of one long loop body; nothing is
indexed and nothing but `sqrt` is called.
"""

from math import sqrt

SCALE = 100_000
SMALL = 2_000
REPEATS = 8


def main(scale=SCALE):
    """Moves a star, a planet and a moon by scale steps; returns the sum of their coordinates."""
    step = 0.001
    m1, m2, m3 = 39.5, 0.05, 0.0009
    x1, y1, z1, u1, v1, w1 = 0.0, 0.0, 0.0, 0.0, -0.006, 0.0
    x2, y2, z2, u2, v2, w2 = 5.0, 0.5, -0.1, -0.3, 2.75, 0.02
    x3, y3, z3, u3, v3, w3 = -8.5, 4.0, 0.4, -1.0, -1.8, 0.05
    for _ in range(scale):
        dx, dy, dz = x1 - x2, y1 - y2, z1 - z2
        square = dx * dx + dy * dy + dz * dz
        pull = step / (square * sqrt(square))
        u1 -= dx * m2 * pull
        v1 -= dy * m2 * pull
        w1 -= dz * m2 * pull
        u2 += dx * m1 * pull
        v2 += dy * m1 * pull
        w2 += dz * m1 * pull
        dx, dy, dz = x1 - x3, y1 - y3, z1 - z3
        square = dx * dx + dy * dy + dz * dz
        pull = step / (square * sqrt(square))
        u1 -= dx * m3 * pull
        v1 -= dy * m3 * pull
        w1 -= dz * m3 * pull
        u3 += dx * m1 * pull
        v3 += dy * m1 * pull
        w3 += dz * m1 * pull
        dx, dy, dz = x2 - x3, y2 - y3, z2 - z3
        square = dx * dx + dy * dy + dz * dz
        pull = step / (square * sqrt(square))
        u2 -= dx * m3 * pull
        v2 -= dy * m3 * pull
        w2 -= dz * m3 * pull
        u3 += dx * m2 * pull
        v3 += dy * m2 * pull
        w3 += dz * m2 * pull
        x1 += step * u1
        y1 += step * v1
        z1 += step * w1
        x2 += step * u2
        y2 += step * v2
        z2 += step * w2
        x3 += step * u3
        y3 += step * v3
        z3 += step * w3
    return x1 + y1 + z1 + x2 + y2 + z2 + x3 + y3 + z3


if __name__ == "__main__":
    print(main())
