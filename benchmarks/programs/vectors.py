"""Vectors with operators, particles with attributes, and slots.

What it measures: attributes read and written, methods and operators inlined, instances that do not outlive an iteration.
"""

SCALE = 200_000
SMALL = 2_000
REPEATS = 8


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y


class Particle:
    __slots__ = ("position", "speed")

    def __init__(self, position, speed):
        self.position = position
        self.speed = speed

    def step(self, time):
        self.position += self.speed * time
        if self.position > 1.0 or self.position < 0.0:
            self.speed = -self.speed


class Counter:
    def __init__(self):
        self._count = 0

    @property
    def count(self):
        return self._count

    def add(self, n):
        self._count += n


def main(scale=SCALE):
    """Returns a number to which every part contributes."""
    origin = Vector(0.25, 0.5)
    step = Vector(1.0, -0.5)
    total = 0.0
    for i in range(scale):
        total += (origin + step * (i % 10)).dot(step)
    particle = Particle(0.5, 0.125)
    counter = Counter()
    for i in range(scale):
        particle.step(0.01)
        counter.add(i & 3)
        if counter.count % 3 == 0:
            total += particle.position
    return total


if __name__ == "__main__":
    print(main())
