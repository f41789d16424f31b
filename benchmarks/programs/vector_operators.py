"""Vectors of three dimensions with operators of their own, in a chain of formulas.

What it measures: `__add__`, `__sub__`, `__mul__`, `__neg__`, `__eq__` and `__abs__` inlined; every vector but one is
garbage after an iteration, so that a good compiler allocates none.
"""

from math import sqrt

SCALE = 60_000
SMALL = 600
REPEATS = 8


class Vector:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def __neg__(self):
        return Vector(-self.x, -self.y, -self.z)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y and self.z == other.z

    def __abs__(self):
        return sqrt(self.x * self.x + self.y * self.y + self.z * self.z)

    def cross(self, other):
        return Vector(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )


def main(scale=SCALE):
    """Lets a point turn around an axis, and adds up distances."""
    axis = Vector(0.0, 0.6, 0.8)
    point = Vector(1.0, 0.5, -0.25)
    center = Vector(0.1, 0.2, 0.3)
    distance = 0.0
    still = 0
    for _ in range(scale):
        moved = point + axis.cross(point - center) * 0.001
        if moved == point:
            still += 1
        distance += abs(moved - point) + abs(-moved) * 1e-6
        point = moved * (1.0 / (1.0 + 1e-9))
    return distance, still, point.x


if __name__ == "__main__":
    print(main())
