"""Instances with many attributes, or some of whose attributes were deleted: read, set, and their methods called."""

# expect-stdout:
#   503500 503500 1002 30
#   503500 503500 1002 30
#   503500 503500 1002 30
#   503500 503500 1002 30
#   method changed own
#   AttributeError 'Many' object has no attribute 'gone'
#   died 3
# expect-event: {"event":"trace-compiled"..."kind":"loop"..."function":"use"...


class Dies:
    count = 0

    def __del__(self):
        Dies.count += 1


class Many:
    shared = 1

    def __init__(self):
        for i in range(30):
            setattr(self, f"a{i}", i)

    def get(self):
        return self.a29 - self.a28

    def which(self):
        return "method"


class Holes:
    def __init__(self):
        self.first, self.second, self.third = 1, 2, 3
        del self.first

    def next(self):
        self.second += 1
        return self.second


def use(many, holes, n):
    t = 0
    for i in range(n):
        t += many.get() + many.a3 * many.shared
        many.a7 = i
        t += many.a7
        holes.next()
        holes.third = t
    return t, holes.third, holes.second


def changes(many):
    seen = []
    for i in range(1200):
        if i == 400:
            Many.which = lambda self: "changed"
        if i == 800:
            many.which = lambda: "own"
        text = many.which()
        if text not in seen:
            seen.append(text)
    return seen


def dying(many):
    for i in range(600):
        many.a5 = Dies() if i % 200 == 7 else i
    return Dies.count


def main():
    many = Many()
    for _ in range(4):
        print(*use(many, Holes(), 1000), len(vars(many)))
    print(*changes(Many()))
    try:
        for i in range(1000):
            many.a0
            if i == 900:
                many.gone
    except AttributeError as error:
        print("AttributeError", error)
    print("died", dying(Many()))


main()
