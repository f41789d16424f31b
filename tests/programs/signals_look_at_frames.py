"""A signal handler looks at frames while a function that a builtin calls back is about to get its frame: the frames that are
made for it come in between."""

# expect-stdout:
#   34800 True
# options:

import signal
import sys
from collections import Counter
from itertools import combinations

seen = set()


def handler(number, _):
    frame = sys._getframe(1)
    while frame is not None:
        seen.add(frame.f_code.co_name)
        frame = frame.f_back


class Card:
    __slots__ = ("rank",)

    def __init__(self, rank):
        self.rank = rank


def score(hand):
    counts = Counter(card.rank for card in hand)
    groups = sorted(counts.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)
    return tuple(rank for rank, _ in groups)


def best(cards):
    return max(combinations(cards, 5), key=score)


def deal(rounds):
    cards = [Card(i * 7 % 13) for i in range(7)]
    total = 0
    for _ in range(rounds):
        total += sum(card.rank for card in best(cards))
    return total


signal.signal(signal.SIGPROF, handler)
signal.setitimer(signal.ITIMER_PROF, 0.0002, 0.0002)
total = sum(deal(60) for _ in range(20))
signal.setitimer(signal.ITIMER_PROF, 0)
print(total, "deal" in seen)
