"""Sorting algorithms by hand."""

# expect-stdout:
#   [13, 32, 61, 109, 138]
# expect-event: ..."kind":"loop"...

def bubble(a):
    n = len(a)
    for i in range(n):
        swapped = False
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
                swapped = True
        if not swapped:
            break
    return a
def insertion(a):
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a
def quick(a):
    if len(a) <= 1:
        return a
    p = a[len(a) // 2]
    return quick([x for x in a if x < p]) + [x for x in a if x == p] + quick([x for x in a if x > p])
def merge_sort(a):
    if len(a) <= 1:
        return a
    m = len(a) // 2
    l, r = merge_sort(a[:m]), merge_sort(a[m:])
    out = []
    i = j = 0
    while i < len(l) and j < len(r):
        if l[i] <= r[j]:
            out.append(l[i]); i += 1
        else:
            out.append(r[j]); j += 1
    out.extend(l[i:])
    out.extend(r[j:])
    return out
def heap_sort(a):
    n = len(a)
    def sift(lo, hi):
        root = lo
        while True:
            child = 2 * root + 1
            if child > hi:
                break
            if child + 1 <= hi and a[child] < a[child + 1]:
                child += 1
            if a[root] < a[child]:
                a[root], a[child] = a[child], a[root]
                root = child
            else:
                break
    for s in range(n // 2 - 1, -1, -1):
        sift(s, n - 1)
    for e in range(n - 1, 0, -1):
        a[0], a[e] = a[e], a[0]
        sift(0, e - 1)
    return a
def counting(a):
    m = max(a)
    c = [0] * (m + 1)
    for x in a:
        c[x] += 1
    out = []
    for v, n in enumerate(c):
        out.extend([v] * n)
    return out
def data(n):
    return [(i * 7919 + 13) % 10007 for i in range(n)]
r = sorted(data(70))
assert bubble(data(70)) == r and insertion(data(70)) == r
r = sorted(data(300))
for _ in range(2):
    assert quick(data(300)) == r and merge_sort(data(300)) == r and heap_sort(data(300)) == r and counting(data(300)) == r
print(r[:5])
