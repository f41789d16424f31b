"""One call site that meets the methods of twelve classes, and one attribute that all of them have elsewhere.

What it measures: a megamorphic site. Which class comes next follows the data, so a JIT that makes a path of each class, and of
each class after each other one, never ends.
"""

import random

SCALE = 100_000
SMALL = 2_000
REPEATS = 10


class Shape:
    def __init__(self, size):
        self.size = size

    def weight(self):
        return 1.0


class Point(Shape):
    def weight(self):
        return 0.5


class Line(Shape):
    def weight(self):
        return self.size


class Square(Shape):
    def weight(self):
        return self.size * self.size


class Circle(Shape):
    def weight(self):
        return 3.141592653589793 * self.size * self.size


class Cube(Shape):
    def weight(self):
        return self.size**3


class Triangle(Shape):
    def weight(self):
        return self.size * self.size / 2


class Box(Shape):
    def __init__(self, size):
        self.depth = size + 1
        self.width = size + 2
        self.size = size

    def weight(self):
        return self.size * self.depth * self.width


class Frame(Shape):
    def __init__(self, size):
        self.border = 1
        self.size = size

    def weight(self):
        return self.size * self.size - (self.size - self.border) ** 2


class Stack(Shape):
    def weight(self):
        total = 0
        for layer in range(3):
            total += self.size - layer
        return total


class Hollow(Shape):
    def weight(self):
        if self.size < 5:
            return 0.25
        return self.size - 5


class Named(Shape):
    def __init__(self, size):
        self.name = "n" * size
        self.size = size

    def weight(self):
        return len(self.name)


KINDS = (Shape, Point, Line, Square, Circle, Cube, Triangle, Box, Frame, Stack, Hollow, Named)

SHAPES = []


def main(scale=SCALE):
    """Adds up the weights and sizes of scale shapes; they are made by `prepare`, outside of the measured time."""
    total, sizes = 0.0, 0
    for shape in SHAPES:
        total += shape.weight()
        sizes += shape.size
    return total, sizes


def prepare(scale=SCALE):
    """Makes the shapes before the first call of `main`."""
    source = random.Random(20260101)
    SHAPES[:] = [source.choice(KINDS)(source.randrange(1, 10)) for _ in range(scale)]


if __name__ == "__main__":
    prepare()
    print(main())
