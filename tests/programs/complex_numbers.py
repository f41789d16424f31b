"""Complex numbers are pairs of floats in a trace: arithmetic, parts, comparisons, and what leaves with them."""

# expect-stdout:
#   mandelbrot 22628
#   julia -585.657738 -0.032236
#   mixed (4498500+1500j) (-4498500+0j)
#   signs (-0-0j) -0j True
#   kept 3000 (2999+1j) (1-2999j)
#   text (1+2j) 3000
#   too large absolute value too large
#   infinite (inf+infj) (inf+infj)
#   equal 1500 1500
#   divided (1499.5+0j) 1499.5
#   shared 3000 (3+3j)
#   derived 9000 (3+0j)
#   no number can't compare
#   power (8-44j) (1-2j)
#   of 3000 3j
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"mandelbrot"...complex complex...


def mandelbrot(width, height, limit):
    total = 0
    for row in range(height):
        for column in range(width):
            c = complex(3.0 * column / width - 2.0, 2.0 * row / height - 1.0)
            z = 0j
            for n in range(limit):
                if abs(z) > 2.0:
                    break
                z = z * z + c
            total += n
    return total


def julia(times):
    z = 0.3 + 0.2j
    c = -0.12 + 0.1j
    turns = 0.0
    for _ in range(times):
        z = z * z + c
        turns += z.real - z.imag
        if z.real * z.real + z.imag * z.imag > 4:
            z = 0.1j
    return round(turns, 6), round(z.real + z.imag, 6)


def mixed(times):
    total, other = 0j, 0j
    for i in range(times):
        total = total + i + 0.5j
        other = i - other if i < 0 else other - i * (1 + 0j)
    return total, other


def signs(times):
    z = 0j
    for _ in range(times):
        z = -z
        y = -(0.0 - (0 + 0j))
        w = 0 - (0 + 0j)
    return -(0j), w, str(z) in ("0j", "(-0-0j)")


def kept(times):
    numbers = []
    for i in range(times):
        numbers.append(complex(i, 1))
    turned = [z * -1j for z in numbers]
    return len(numbers), numbers[-1], turned[-1]


def text(times):
    seen = set()
    for i in range(times):
        z = 1 + 2j
        z = z + i - i
        seen.add(str(z))
    return seen.pop(), times * (len(seen) + 1)


def too_large(times):
    z = 1e300 + 1e300j
    try:
        for i in range(times):
            length = abs(z)
            if i == times - 2:
                z = z * 1.5e8
    except OverflowError as error:
        return error
    return length


def infinite(times):
    z = y = 1 + 1j
    for i in range(times):
        z = z * (2 + 0j)
        y = y * 2.0
    return z, y


def equal(times):
    same = other = 0
    for i in range(times):
        z = complex(i % 2, 1)
        if z == 1j:
            same += 1
        if z != 1j:
            other += 1
    return same, other


def divided(times):
    total, length = 0j, 0.0
    for i in range(times):
        total = total + complex(i, i) / (1 + 1j)
        length = abs(total) / times
    return total / times, length


def shared(times):
    """Two names for one number."""
    z = w = 0j
    count = 0
    for _ in range(times):
        z = w
        w = w + 0.001
        count += z is not w
    w = 3 + 3j
    z = w
    for _ in range(times):
        assert z == w
        z = w
    return count, z


class Derived(complex):
    def __add__(self, other):
        return Derived(complex.__add__(self, other))

    def twice(self):
        return self.real * 2


def derived(times):
    z = Derived(0)
    total = 0
    for i in range(times):
        z = z + 0.001
        total += round(Derived(1.5).twice())
    return total, complex(round(z.real), 0)


def compared(times):
    z = 1j
    try:
        for i in range(times):
            if i == times - 1:
                z < 2j
            z = z + 1
    except TypeError:
        return "can't compare"
    return z


def power(times):
    total = 0j
    for i in range(times):
        z = complex(1, 2)
        total = z.conjugate()
        cube = z**3 * (1 + 4j) - z * z * z
    return cube, total


def of(times):
    count = 0
    for i in range(times):
        z = complex(i) - i + complex("3j")
        count += z.imag == 3
    return count, z


print("mandelbrot", mandelbrot(48, 40, 30))
print("julia", *julia(3000))
print("mixed", *mixed(3000))
print("signs", *signs(3000))
print("kept", *kept(3000))
print("text", *text(3000))
print("too large", too_large(3000))
print("infinite", *infinite(3000))
print("equal", *equal(3000))
print("divided", *divided(3000))
print("shared", *shared(3000))
print("derived", *derived(3000))
print("no number", compared(3000))
print("power", *power(3000))
print("of", *of(3000))
