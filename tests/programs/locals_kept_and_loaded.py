"""Variables of comprehensions in a frame that a trace takes over in part: bound by the very instruction that loads them."""

# expect-stdout:
#   (12000, 3, [0, 2, 4])
#   1800
# expect-no-event: ..."reason":"unbound-variable"...
# options:


class Card:
    def __init__(self, rank, suit):
        self.rank = rank
        self.suit = suit


def score(hand, groups):
    shape = tuple(count for _, count in groups)
    suits = {card.suit for card in hand}
    doubled = [number * 2 for number in shape]
    return shape, len(suits) == 1, doubled


def main(rounds):
    hands = [
        ([Card(i % 13, (i + j) % 4) for j in range(5)], [(1, 0), (2, 1), (4, 2)][: i % 3 + 1]) for i in range(300)
    ]
    total = 0
    for _ in range(rounds):
        for hand, groups in hands:
            shape, flush, doubled = score(hand, groups)
            total += len(shape) + flush
    return total * 2, len(shape), doubled


def bound_before(numbers):
    number = 5
    if all(x > 0 for x in numbers):
        found = {number % 7 for number in numbers}
    else:
        found = set()
    return number + len(found)


print(main(10))
print(sum(bound_before(range(i % 2, 1 + i % 4)) for i in range(300)))
