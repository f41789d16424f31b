"""A signal handler comes in between while loops are recorded, and calls a function that is in the trace: what the VM has read
when events are switched off is executed nevertheless."""

# expect-stdout:
#   ok True
# options:

import signal

seen = 0


def more(value):
    return value + 1


def handler(number, frame):
    global seen
    seen = more(seen)


class Cycle:
    def __init__(self):
        self.me = self


SOURCE = """
def run(rows):
    total = 0
    for n, row in enumerate(rows):
        row["count"] += more(n) if row["kind"] == 1 else len(row["name"])
        Cycle()
        total += row["count"] % 7
        row['count'] = (row['count'] * {k} + total) % 11
    return total
"""


def rows():
    return [{"count": i % 5, "kind": i % 2, "name": "x" * (i % 4)} for i in range(40)]


def compiled(k):
    scope = {"more": more, "Cycle": Cycle}
    exec(SOURCE.replace("{k}", str(k)), scope)
    table = rows()
    return sum(scope["run"](table) for _ in range(30))


def plain(k):
    table = rows()
    result = 0
    for _ in range(30):
        total = 0
        for n, row in enumerate(table):
            row["count"] += n + 1 if row["kind"] == 1 else len(row["name"])
            total += row["count"] % 7
            row["count"] = (row["count"] * k + total) % 11
        result += total
    return result


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.00005, 0.00005)
wrong = [k for k in range(60) if compiled(k) != plain(k)]
signal.setitimer(signal.ITIMER_REAL, 0)
print("ok" if not wrong else wrong, seen > 100)
