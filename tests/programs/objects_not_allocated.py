"""Vectors that a loop makes and gives up, and one that it goes on with: no object is made in the loop."""

# expect-stdout:
#   (102000.0, 400.25, -199.5)
# options: --threshold-loop 50
# expect-event: ..."trace-compiled"..."kind":"loop"..."function":"main"..."allocations":0,...


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


def main(count):
    at, step = Vector(0.25, 0.5), Vector(1.0, -0.5)
    total = 0.0
    for i in range(count):
        total += (at + step * (i % 10)).dot(step)
        at = at + step
    return total, at.x, at.y


print(main(400))
