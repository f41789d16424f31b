"""Deep nests of loops, several inner loops in turn, inner loops of length nought, one and many."""

# expect-stdout:
#   -3432
#   (27201, [26, 22, 27, 29, 34])
#   228768750
#   89
#   (6282, 2000, 2000)
#   None


def deep(n):
    total = 0
    for a in range(n):
        for b in range(a, n):
            for c in range(b, n):
                for d in range(c, n):
                    for e in range(d, n):
                        for f in range(e, n):
                            total += a - b + c - d + e - f + 1
    return total


print(deep(8))


def in_turn(n):
    out = []
    for i in range(n):
        s = 0
        for j in range(i % 5):
            s += j
        k = i
        while k > 0:
            s += k & 1
            k >>= 1
        for c in str(i):
            s += ord(c) - 48
        for x in [i, s]:
            s -= x % 3
        out.append(s)
    return sum(out), out[-5:]


print(in_turn(1500))


def lengths(n):
    total = 0
    for i in range(n):
        length = 0 if i % 3 else (1 if i % 2 else 50)
        for j in range(length):
            total += j * i
    return total


print(lengths(1500))


def matrix(n):
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    t = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            t[j][i] = a[i][j]
    diagonal = 0
    for i in range(n):
        for j in range(n):
            if t[i][j] != a[j][i]:
                return "wrong"
            if i == j:
                diagonal += t[i][j]
    return diagonal


print(matrix(45))


def inner_changes_outer(n):
    i = 0
    turns = 0
    while i < n:
        j = i
        while j < n and (j - i) < 4:
            turns += 1
            j += 1
            if turns % 11 == 0:
                i += 1
        i += 1
    return turns, i, j


print(inner_changes_outer(2000))


def returns_inside(n):
    for i in range(n):
        for j in range(i):
            if i * j == 1200 and j > 30:
                return i, j
    return None


print(returns_inside(200))
