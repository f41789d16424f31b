"""sys.settrace switched on, and off again, inside a hot loop: from then on every line is reported."""

# expect-stdout:
#   2001000
#   looked_at line 6
#   helper call 0
#   helper line 1
#   helper line 2
#   helper return 2
#   looked_at line 7
#   looked_at line 2
#   looked_at line 3
#   looked_at line 6
#   helper call 0
#   helper line 1
#   helper line 2
#   helper return 2
#   looked_at line 7
#   looked_at line 2
#   looked_at line 3
#   looked_at line 6
#   helper call 0
#   helper line 1
#   helper line 2
#   helper return 2
#   looked_at line 7
#   looked_at line 8
#   2001000 0
#   2001000 15999 9
#   2001000 1000 1000

import sys

events = []


def tracer(frame, event, argument):
    if frame.f_code.co_name not in ("looked_at", "helper"):
        return None
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def helper(x):
    y = x + 1
    return y


def looked_at(count, start, stop):
    total = 0
    for i in range(count):
        if i == start:
            sys.settrace(tracer)
            sys._getframe().f_trace = tracer
        total += helper(i)
        if i == stop:
            sys.settrace(None)
    return total


print(looked_at(2000, 1500, 1502))
for event in events:
    print(*event)
events.clear()
print(looked_at(2000, 5000, 5000), len(events))
print(looked_at(2000, 0, 1999), len(events), len(set(events)))
events.clear()


def profiler(frame, event, argument):
    if event in ("call", "return") and frame.f_code.co_name == "helper":
        events.append(event)


def profiled(count):
    total = 0
    for i in range(count):
        if i == 1000:
            sys.setprofile(profiler)
        total += helper(i)
    sys.setprofile(None)
    return total


print(profiled(2000), events.count("call"), events.count("return"))
