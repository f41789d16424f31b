"""Sums that leave 64 bits in mid loop, stay outside for a while, and come back."""

# expect-stdout:
#   (27021597764222976000, 1977)
#   (9223372036854777307, 1500)
#   (-9223372036854777308, 1500)
#   (-35596451454736400384, 1976)
#   (9223372036854775000, 8)


def climb(start, step, count):
    total = start
    outside = 0
    for _ in range(count):
        total += step
        if total > 9223372036854775807 or total < -9223372036854775808:
            outside += 1
    return total, outside


print(climb(0, 1 << 53, 3000))
print(climb(9223372036854775807 - 1500, 1, 3000))
print(climb(-9223372036854775808 + 1500, -1, 3000))
print(climb(1 << 64, -(1 << 54), 3000))


def there_and_back(count):
    total = 9223372036854775000
    step = 7
    crossings = 0
    before = True
    for i in range(count):
        total = total + step
        inside = total <= 9223372036854775807
        if inside != before:
            crossings += 1
            before = inside
        if i % 500 == 499:
            step = -step
    return total, crossings


print(there_and_back(4000))
