"""Particles that move in a box and bounce from its walls, with a dict each.

What it measures: many instances that stay, each with five attributes that are read and written. `particles_slots` is
the same with slots.
"""

SCALE = 60
SMALL = 3
REPEATS = 8


class Particle:
    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.bounces = 0

    def step(self, time):
        self.x += self.vx * time
        self.y += self.vy * time
        if self.x < 0.0 or self.x > 1.0:
            self.vx = -self.vx
            self.bounces += 1
        if self.y < 0.0 or self.y > 1.0:
            self.vy = -self.vy
            self.bounces += 1

    def energy(self):
        return 0.5 * (self.vx * self.vx + self.vy * self.vy)


def main(scale=SCALE):
    """Moves two thousand particles; returns their energy and how often they bounced."""
    particles = [Particle(i % 47 / 47, i % 31 / 31, i % 7 - 3.0, i % 5 - 2.0) for i in range(2_000)]
    for _ in range(scale):
        for particle in particles:
            particle.step(0.01)
    energy = 0.0
    for particle in particles:
        energy += particle.energy()
    return energy, sum(particle.bounces for particle in particles)


if __name__ == "__main__":
    print(main())
