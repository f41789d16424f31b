"""A function with very many locals: more than registers, most of them untouched by the loop, some of them unset."""

# expect-stdout:
#   [171414.75, 169.25, 'v2', 'still unset', 4, 171.0, 'v6', None, 53, 167.25, 'v10', None] 1008300
#   30 29
#   (['0x1.8000000000000p+1', '-0x1.e000000000000p+2', '-0x1.8555555555555p+3', '0x1.db6db6db6db6cp+3', '0x1.c324924924921p+7', '-0x1.056186186185fp+10'], 1499)

names = ["v%d" % i for i in range(120)]
lines = ["def run(count):"]
lines += ["    %s = %s" % (name, (i, i * 0.5, repr(name), None)[i % 4]) for i, name in enumerate(names)]
lines += ["    for i in range(count):"]
lines += ["        v0 = v0 + v1; v1 = v1 + 0.25; v4 = v4 ^ i; v8 = (v8 + v4) % 1009; v100 = v100 + v8"]
lines += ["        if i % 3 == 0: v1, v5, v9 = v5, v9, v1"]
lines += ["        if i > count: unset = i"]
lines += ["    try: unset"]
lines += ["    except UnboundLocalError: v3 = 'still unset'"]
lines += ["    return [%s]" % ", ".join(names)]
space = {}
exec("\n".join(lines), space)
result = space["run"](2000)
print(result[:12], result[100])
print(sum(1 for r, n in zip(result, names) if r == n), result.count(None))


def floats(count):
    a = b = c = d = e = f = g = h = i = j = k = m = 0.5
    n = o = p = q = r = s = t = u = v = w = x = y = 0.25
    for z in range(count):
        a, b, c, d = b + 0.5, c + 0.5, d + 0.5, a * 0.5
        e, f, g, h = f - a, g - b, h - c, e * 0.5
        i, j, k, m = j + e, k + f, m + g, i * 0.25
        n, o, p, q = o - i, p - j, q - k, n * 0.125
        r, s, t, u = s + n, t + o, u + p, r * 0.5
        v, w, x, y = w - r, x - s, y - t, v * 0.5
    return [x.hex() for x in (a, h, m, q, u, y)], z


print(floats(1500))
