"""Small classic programs whose results are known: pi, primes, matrices, n-body, Mandelbrot, knapsack, life."""

# expect-stdout:
#   (3.1418425911015158, 4001)
#   783
#   3746.0
#   7.780882037
#   9869
#   447
#   14
#   53
#   7085

from math import sqrt


def pi(terms):
    total = 0.0
    term = 1.0
    k = 0
    while abs(term) > 0.5 / terms:
        sign = 1.0 if k % 2 == 0 else -1.0
        term = sign / (2 * k + 1)
        total += term
        k += 1
    return 4 * total, k


print(pi(4000))


def sieve(limit):
    prime = [True] * limit
    prime[0] = prime[1] = False
    for n in range(2, limit):
        if prime[n]:
            for m in range(n * n, limit, n):
                prime[m] = False
    return sum(prime)


print(sieve(6000))


def matmul(n):
    a = [[(i * j) % 5 + 0.5 for j in range(n)] for i in range(n)]
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i][k] * a[k][j]
            c[i][j] = total
    return sum(c[i][i] for i in range(n))


print(matmul(24))


def bodies(steps):
    system = [[0.0, 0.0, 0.0, 0.1, 10.0], [3.0, 0.0, 0.0, 1.8, 0.1], [-5.0, 1.0, 0.2, -1.3, 0.2]]
    for _ in range(steps):
        for i, one in enumerate(system):
            for other in system[i + 1 :]:
                dx = one[0] - other[0]
                dy = one[1] - other[1]
                pull = 0.001 / (dx * dx + dy * dy + 0.01) ** 1.5
                one[2] -= dx * other[4] * pull
                one[3] -= dy * other[4] * pull
                other[2] += dx * one[4] * pull
                other[3] += dy * one[4] * pull
        for body in system:
            body[0] += 0.001 * body[2]
            body[1] += 0.001 * body[3]
    return sum(sqrt(x * x + y * y) for x, y, *_ in system)


print("%.9f" % bodies(800))


def mandelbrot(size):
    total = 0
    for row in range(size):
        for column in range(size):
            c = complex(3 * column / size - 2, 2 * row / size - 1)
            zr = zi = 0.0
            for n in range(60):
                if zr * zr + zi * zi > 4:
                    break
                zr, zi = zr * zr - zi * zi + c.real, 2 * zr * zi + c.imag
            total += n
    return total


print(mandelbrot(22))


def knapsack(items, capacity):
    best = [0] * (capacity + 1)
    for weight, value in items:
        for room in range(capacity, weight - 1, -1):
            candidate = best[room - weight] + value
            if candidate > best[room]:
                best[room] = candidate
    return best[capacity]


print(knapsack([(i % 13 + 3, i * 7 % 31 + 1) for i in range(40)], 150))


def life(size, turns):
    alive = {(x, y) for x in range(size) for y in range(size) if (x * 7 + y * 3) % 5 == 0}
    for _ in range(turns):
        around = {}
        for x, y in alive:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        cell = ((x + dx) % size, (y + dy) % size)
                        around[cell] = around.get(cell, 0) + 1
        alive = {cell for cell, n in around.items() if n == 3 or n == 2 and cell in alive}
    return len(alive)


print(life(14, 12))


def edit_distance(a, b):
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


print(edit_distance("the quick brown fox jumps" * 2, "a lazy dog was quickly jumped over" * 2))


def levels(limit):
    """Triples with a bounded perimeter."""
    from math import gcd, isqrt

    count = 0
    for m in range(1, isqrt(2 * limit) + 1):
        for n in range(1, isqrt(2 * limit) + 1):
            if (m - n) % 2 == 1 and gcd(m, n) == 1:
                perimeter = 2 * m * (m + n)
                if perimeter <= limit:
                    count += limit // perimeter
    return count


print(levels(3000))
