"""Keywords that are handed on in mappings: the names in `**kw` are new strings each time, but the same names."""

# expect-stdout:
#   handed_on 59700 [('after', 200), ('before', 200)]
#   queued 89700 300
#   other_names [19900, 199] {'a': 100, 'b': 100}
#   own_mapping 59700
#   gaps 40400
# expect-no-event: ..."event":"exit-hot"..."function":"run_all"...


def inner(first, *, more=0, times=1):
    return first * times + more


def outer(log, *args, **kw):
    log["before"] = log.get("before", 0) + 1
    result = inner(*args, **kw)
    log["after"] = log.get("after", 0) + 1
    return result


def handed_on(count):
    log = {}
    total = 0
    for i in range(count):
        total += outer(log, i, times=3)
    return total, sorted(log.items())


def queued(count):
    queue = []

    def later(function, *args, **kw):
        queue.append((function, args, kw))

    class Customer:
        def __init__(self):
            self.paid = 0

        def pay(self, amount, tip=0):
            self.paid += amount + tip

    customer = Customer()
    for i in range(count):
        # (A native makes the mapping here.)
        list(map(lambda n: later(customer.pay, n, tip=i), [i]))

    def run_all():
        ran = 0
        while queue:
            function, args, kw = queue.pop()
            function(*args, **kw)
            ran += 1
        return ran

    ran = run_all()
    return customer.paid, ran


def other_names(count):
    """The mapping changes its names, and what is called wants them."""
    seen = {"a": 0, "b": 0}

    def take(value, **kw):
        for name in kw:
            seen[name] += 1
        return value

    def hand_on(**kw):
        return take(**kw)

    totals = [0, 0]
    for i in range(count):
        name = "a" if i % 2 else "b"
        totals[0] += hand_on(value=i, **{name: i})
    totals[1] = i
    return totals, seen


def own_mapping(count):
    total = 0
    names = "".join(["ti", "mes"])
    for i in range(count):
        total += inner(i, **{names: 3})
    return total


def gaps(count):
    """A mapping from which a name was removed and one was put in."""
    total = 0
    for i in range(count):
        kw = {"gone": 1, "times": 2}
        del kw["gone"]
        kw["more"] = 3
        total += inner(i, **kw)
    return total


print("handed_on", *handed_on(200))
print("queued", *queued(300))
print("other_names", *other_names(200))
print("own_mapping", own_mapping(200))
print("gaps", gaps(200))
