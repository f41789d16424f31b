"""Ints compared with floats beyond 2^53, where converting the int would lie."""

# expect-stdout:
#   10 (1000, 1, 999)
#   52 (1000, 1, 999)
#   53 (1000, 1, 999)
#   54 (1000, 1, 999)
#   60 (1000, 1, 999)
#   62 (1000, 1, 999)
#   (976, 1, 1023) (1000, 1, 999) (1000, 1, 999)
#   898174474
#   960779571


def compare(base, count):
    less = equal = greater = 0
    pivot = float(base)
    for n in range(base - count // 2, base + count // 2):
        if n < pivot:
            less += 1
        if n == pivot:
            equal += 1
        if n > pivot:
            greater += 1
        if not (n <= pivot or n >= pivot):
            raise AssertionError(n)
    return less, equal, greater


for bits in (10, 52, 53, 54, 60, 62):
    print(bits, compare(1 << bits, 2000))
print(compare((1 << 63) - 1000, 2000), compare(-(1 << 63), 2000), compare(1 << 80, 2000))


def against(values, count):
    text = ""
    for i in range(count):
        a = values[i % len(values)]
        b = values[(i * 7 + i // 3) % len(values)]
        text += "01"[a < b] + "01"[a == b] + "01"[a != b] + "01"[a >= b]
    return hash_text(text)


def hash_text(text):
    h = 0
    for c in text:
        h = (h * 31 + ord(c)) % 1000000007
    return h


inf = float("inf")
nan = float("nan")
print(against([1, 1.0, True, 0, -0.0, 2**53, 2.0**53, 2**53 + 1, inf, -inf, 2**64, 2.0**64], 3000))
print(against([1, nan, 2.5, nan, inf, 0], 3000))
