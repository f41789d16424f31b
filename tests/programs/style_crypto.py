"""Loops over bytes with masks and shifts."""

# expect-stdout:
#   a08b84ccceed29bf2b7e50a9d34ab336 (2491220288, 838239036) 2186102867946794789 b'\xeb\x9eu\x82\xb31'
# expect-event: ..."kind":"loop"...

MASK = 0xFFFFFFFF
def rotl(x, n):
    return ((x << n) | (x >> (32 - n))) & MASK
def md5ish(data):
    a, b, c, d = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
    for i in range(0, len(data) - 3, 4):
        w = data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24
        for k in range(4):
            f = (b & c) | (~b & d & MASK)
            t = (a + f + w + 0x5a827999) & MASK
            a, d, c, b = d, c, b, (b + rotl(t, 7 + k)) & MASK
    return f"{a:08x}{b:08x}{c:08x}{d:08x}"
def tea(v0, v1, key):
    s = 0
    for _ in range(32):
        s = (s + 0x9E3779B9) & MASK
        v0 = (v0 + (((v1 << 4) + key[0]) ^ (v1 + s) ^ ((v1 >> 5) + key[1]))) & MASK
        v1 = (v1 + (((v0 << 4) + key[2]) ^ (v0 + s) ^ ((v0 >> 5) + key[3]))) & MASK
    return v0, v1
def fnv1a(data):
    h = 0xcbf29ce484222325
    for b in data:
        h ^= b
        h = (h * 0x100000001b3) & 0xFFFFFFFFFFFFFFFF
    return h
def rc4(key, data):
    s = list(range(256))
    j = 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    i = j = 0
    out = []
    for b in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(b ^ s[(s[i] + s[j]) % 256])
    return bytes(out)
data = bytes(range(256)) * 1
v = (1, 2)
for i in range(20):
    v = tea(v[0], v[1], (1, 2, 3, 4))
print(md5ish(data), v, fnv1a(data * 4), rc4(b"Key", data * 3)[:6])
