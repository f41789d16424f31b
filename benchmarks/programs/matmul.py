"""A product of two matrices that are lists of lists of floats.

What it measures: double indexing in the innermost of three loops, where the row is the same all along and the column is
not.
"""

SCALE = 110
SMALL = 16
REPEATS = 8


def matrix(size, seed):
    rows = []
    for i in range(size):
        row = []
        for j in range(size):
            seed = (seed * 1103515245 + 12345) % 2147483648
            row.append(seed / 2147483648.0)
        rows.append(row)
    return rows


def product(a, b, size):
    result = []
    for i in range(size):
        row = a[i]
        line = []
        for j in range(size):
            total = 0.0
            for k in range(size):
                total += row[k] * b[k][j]
            line.append(total)
        result.append(line)
    return result


def main(scale=SCALE):
    """Multiplies two scale x scale matrices; returns the trace of the product and one corner."""
    c = product(matrix(scale, 1), matrix(scale, 2), scale)
    trace = 0.0
    for i in range(scale):
        trace += c[i][i]
    return trace, c[0][scale - 1]


if __name__ == "__main__":
    print(main())
