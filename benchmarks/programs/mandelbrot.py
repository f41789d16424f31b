"""Escape times of the Mandelbrot set on a grid, in plain floats.

What it measures: three nested loops, float arithmetic in the innermost one, which runs a different number of times for
each point and is left by a `break`.
"""

SCALE = 300
SMALL = 40
REPEATS = 8
LIMIT = 80


def main(scale=SCALE):
    """Sums the escape times of scale * scale points, at most LIMIT each."""
    total = 0
    for row in range(scale):
        ci = 2.4 * row / scale - 1.2
        for column in range(scale):
            cr = 3.0 * column / scale - 2.1
            zr = 0.0
            zi = 0.0
            steps = 0
            while steps < LIMIT:
                rr = zr * zr
                ii = zi * zi
                if rr + ii > 4.0:
                    break
                zi = 2.0 * zr * zi + ci
                zr = rr - ii + cr
                steps += 1
            total += steps
    return total


if __name__ == "__main__":
    print(main())
