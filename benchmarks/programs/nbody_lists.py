"""Five bodies under gravity, each a list of seven floats.

What it measures: reading and writing list elements by constant index, floats that are stored into lists and loaded again
in the same iteration, and short inner loops over lists of pairs.
"""

from math import sqrt

SCALE = 10_000
SMALL = 200
REPEATS = 8


def system():
    """Position, velocity, mass: the numbers are made up, but the orbits are stable."""
    return [
        [0.0, 0.0, 0.0, 0.0, -0.006, 0.0, 39.5],
        [5.0, 0.5, -0.1, -0.3, 2.75, 0.02, 0.05],
        [-8.5, 4.0, 0.4, -1.0, -1.8, 0.05, 0.011],
        [12.0, -15.0, -0.2, 1.1, 0.9, -0.02, 0.0017],
        [15.0, -26.0, 0.2, 0.98, 0.59, -0.03, 0.002],
    ]


def advance(bodies, pairs, step, count):
    for _ in range(count):
        for left, right in pairs:
            dx = left[0] - right[0]
            dy = left[1] - right[1]
            dz = left[2] - right[2]
            square = dx * dx + dy * dy + dz * dz
            pull = step / (square * sqrt(square))
            a = left[6] * pull
            b = right[6] * pull
            left[3] -= dx * b
            left[4] -= dy * b
            left[5] -= dz * b
            right[3] += dx * a
            right[4] += dy * a
            right[5] += dz * a
        for body in bodies:
            body[0] += step * body[3]
            body[1] += step * body[4]
            body[2] += step * body[5]


def energy(bodies, pairs):
    total = 0.0
    for body in bodies:
        total += 0.5 * body[6] * (body[3] * body[3] + body[4] * body[4] + body[5] * body[5])
    for left, right in pairs:
        dx = left[0] - right[0]
        dy = left[1] - right[1]
        dz = left[2] - right[2]
        total -= left[6] * right[6] / sqrt(dx * dx + dy * dy + dz * dz)
    return total


def main(scale=SCALE):
    """Moves the five bodies by scale steps; returns the energy of the system."""
    bodies = system()
    pairs = []
    for i in range(len(bodies)):
        for j in range(i + 1, len(bodies)):
            pairs.append((bodies[i], bodies[j]))
    advance(bodies, pairs, 0.001, scale)
    return energy(bodies, pairs)


if __name__ == "__main__":
    print(main())
