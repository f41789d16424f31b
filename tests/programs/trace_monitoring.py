"""A program that uses sys.monitoring itself, in the middle of hot loops."""

# expect-stdout:
#   2001000
#   2001000 {'start': 2000, 'line': 0, 'return': 1000}
#   2001000 {'start': 2000, 'line': 0, 'return': 1000}
#   125250 True
#   2001000 True
#   2001000 500

import sys

monitoring = sys.monitoring
TOOL = 3
calls = {"start": 0, "line": 0, "return": 0}


def on_start(code, offset):
    if code.co_name == "helper":
        calls["start"] += 1


def on_line(code, line):
    if code.co_name == "run":
        calls["line"] += 1


def on_return(code, offset, value):
    if code.co_name == "helper":
        calls["return"] += value % 2


def helper(n):
    return n + 1


def run(count):
    total = 0
    for i in range(count):
        total += helper(i)
    return total


print(run(2000))
monitoring.use_tool_id(TOOL, "test")
events = monitoring.events
monitoring.register_callback(TOOL, events.PY_START, on_start)
monitoring.register_callback(TOOL, events.PY_RETURN, on_return)
monitoring.register_callback(TOOL, events.LINE, on_line)
monitoring.set_events(TOOL, events.PY_START | events.PY_RETURN)
print(run(2000), calls)
monitoring.set_events(TOOL, 0)
print(run(2000), calls)
monitoring.set_local_events(TOOL, run.__code__, events.LINE)
print(run(500), calls["line"] > 1000)
monitoring.set_local_events(TOOL, run.__code__, 0)
before = calls["line"]
print(run(2000), calls["line"] == before)
monitoring.free_tool_id(TOOL)


def switched(count):
    total = 0
    monitoring.use_tool_id(TOOL, "again")
    monitoring.register_callback(TOOL, events.PY_START, on_start)
    for i in range(count):
        if i == 1500:
            calls["start"] = 0
            monitoring.set_events(TOOL, events.PY_START)
        total += helper(i)
    monitoring.set_events(TOOL, 0)
    monitoring.free_tool_id(TOOL)
    return total


print(switched(2000), calls["start"])
