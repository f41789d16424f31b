"""Frames that kept exceptions lead to, while they run on in compiled code: their variables are what they are whenever somebody
looks, and what they were at the end after they have returned."""

# expect-stdout:
#   [(1207, 729028), (1607, 1292029), (2007, 2015030), (2407, 2898031), (2807, 3941032)] ['1207:729029', '1607:1292030', '2007:2015031', '2407:2898032', '2807:3941033']
#   2999 4498505 ['i', 'looker', 'n', 'texts', 'total']
#   4498500 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
#   4498500 2999 4498500
# expect-event: ..."kind":"loop"...

import sys


def kept_at(error):
    return error.__traceback__.tb_frame.f_locals


class Looker:
    def __init__(self, error):
        self.error, self.seen = error, []

    def __len__(self):
        variables = kept_at(self.error)
        self.seen.append((variables["i"], variables["total"]))
        return 1

    def __format__(self, spec):
        variables = kept_at(self.error)
        return f"{variables['i']}:{variables['total']}"


def fail():
    raise ValueError("kept")


def runs_on(n):
    total = 0
    looker = None
    texts = []
    for i in range(n):
        if i == n // 3:
            try:
                fail()
            except ValueError as error:
                looker = Looker(error)
        total += i
        if looker is not None and i % 400 == 7:
            total += len(looker)
            texts.append(f"{looker}")
        str.join("", map(str, (i, total)))
    return looker, texts


def stepped(n):
    got = None
    for i in range(n):
        try:
            if i == 5:
                fail()
        except ValueError as error:
            got = error
        total = i * 2
        yield i if got is None else kept_at(got)["total"] - i
        "%s" % [i]


looker, texts = runs_on(3000)
print(looker.seen, texts)
after = kept_at(looker.error)
print(after["i"], after["total"], sorted(after))
print(sum(stepped(3000)), list(stepped(12)))
view = None


def viewed(n):
    global view
    total = 0
    for i in range(n):
        total += i
        if i == 900:
            view = sys._getframe().f_locals
        if view is not None and i % 700 == 3:
            assert view["i"] == i and view["total"] == total, (dict(view), i, total)
        repr([i, total])
    return total


print(viewed(3000), view["i"], view["total"])
