"""An exit that becomes hot gets a bridge."""

# expect-stdout:
#   120002000
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"uneven"...
# expect-event: {"event":"exit-hot"...
# expect-event: {"event":"trace-compiled"..."kind":"bridge"..."function":"uneven"...
# expect-event: {"event":"bridge-attached"...


def uneven(count):
    total = 0
    for i in range(count):
        if i % 5 == 4:
            total += i * 3
        else:
            total -= 1
    return total


print(uneven(20000))
