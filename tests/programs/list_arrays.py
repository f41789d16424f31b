"""Items of arrays of every type, in loops: read, set, of the wrong size, out of range, and an array of another type where there
was one before."""

# expect-stdout:
#   b 12650 3825 300 1 49
#   OverflowError 11825
#   OverflowError 11825
#   OverflowError 11825
#   B 12650 3825 300 1 49
#   OverflowError 33850
#   OverflowError 33850
#   OverflowError 33850
#   h 12650 3825 300 1 49
#   IndexError 44850
#   OverflowError 1075026
#   OverflowError 1075026
#   H 12650 3825 300 1 49
#   IndexError 44850
#   OverflowError 4198258
#   OverflowError 4198258
#   i 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   OverflowError 22963200
#   I 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   OverflowError 22963200
#   l 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   IndexError 385258566451200
#   L 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   IndexError 385258566451200
#   q 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   IndexError 385258566451200
#   Q 12650 3825 300 1 49
#   IndexError 44850
#   IndexError 22963200
#   IndexError 385258566451200
#   f 12650.0 3825.0 300 1.0 49.0
#   IndexError 44850.0
#   IndexError 22963200.0
#   IndexError 385258566451200.0
#   d 12650.0 3825.0 300 1.0 49.0
#   IndexError 44850.0
#   IndexError 22963200.0
#   IndexError 385258566451200.0
#   [120.0, 120, 120, 120.0, 120, 120.0, 120.0, 120, 120, 120.0, 120, 120.0, 120.0, 120, 120, 120.0, 120, 120.0]
#   830103483316929822900 0.0 6.400000095367432
#   'sx ottm eesx ottm eesx ottm eesx ottm eesx '
#   z z
# expect-event: ..."event":"trace-compiled"..."kind":"loop"..."function":"every"...

from array import array


def every(numbers, count):
    """Reads and sets each item, from both ends."""
    total = 0
    for i in range(count):
        total += numbers[i] * 2
        numbers[i] = i % 50
        numbers[-1 - i] = True
    return total


def fill(numbers, step):
    """Raises when a number is too large for the array, or there is no such item."""
    at = 0
    while True:
        numbers[at] = at * step
        at += 1


def total(numbers):
    found = 0
    at = 0
    while at < len(numbers):
        found += numbers[at]
        at += 1
    return found


def main():
    for typecode in "bBhHiIlLqQfd":
        numbers = array(typecode, [i % 100 for i in range(300)])
        print(typecode, every(numbers, 300), sum(numbers), len(numbers), numbers[3], numbers[-1])
        for step in (1, 1 << 9, 1 << 33):
            try:
                fill(numbers, step)
            except (OverflowError, IndexError) as error:
                print(type(error).__name__, total(numbers))
    print([total(array(typecode, [1, 2, 3] * 20)) for typecode in "dibdQf" * 3])
    large = array("Q", [1 << 63, (1 << 64) - 1, 7] * 30)
    print(total(large), total(array("d", [1e300, 0.5, -1e300] * 30)), total(array("f", [0.1] * 64)))
    words = array("w", "some text ") * 30
    print(repr("".join([words[i] for i in range(0, 300, 7)])))
    for i in range(300):
        words[i] = "xyz"[i % 3]
    print(words[5], words[-1])


main()
