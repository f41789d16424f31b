"""What tjit's event log tells about a run: where the time went, and what the largest remaining cost is.

The log is written by a process of its own, with TJIT_LOG in its environment, so that measured processes write none. Its
format is that of docs/event-log.md, version 1.
"""

import json
from collections import Counter
from pathlib import Path

TIMES = ("interpreter", "recording", "compiling", "compiled")


def read(path):
    """The figures of a log; None when there is no whole one (the interpreter is not tjit, or the process was killed)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return None
    if not events or events[0].get("version") != 1 or events[-1]["event"] != "totals":
        return None
    totals = events[-1]
    times = {name: totals["times"][name + "_micros"] for name in TIMES}
    run = sum(times.values()) or 1
    return {
        "shares": {name: times[name] / run for name in TIMES},
        "entries": totals["entries"],
        "exit": largest_exit(events, totals),
        "stopped": most_stopped(events),
    }


def largest_exit(events, totals):
    """The exit that went to the interpreter most often and has no bridge: {kind, place, count}, or None."""
    bridged = {(event["from"]["trace"], event["from"]["exit"]) for event in events if event["event"] == "bridge-attached"}
    left = [each for each in totals["exits"] if (each["from"]["trace"], each["from"]["exit"]) not in bridged]
    if not left:
        return None
    most = max(left, key=lambda each: each["count"])
    return {"kind": most["kind"], "place": place(most["place"]), "count": most["count"]}


def most_stopped(events):
    """The reason for which most recordings were aborted whose loop or exit did not get compiled: {reason, what, place,
    times}, or None."""
    started = {event["trace"]: event for event in events if event["event"] == "trace-started"}
    compiled = {header(event) for event in events if event["event"] == "trace-compiled"}
    times = Counter()
    for event in events:
        if event["event"] == "trace-aborted" and header(started.get(event["trace"], event)) not in compiled:
            what = event.get("detail") or event.get("bytecode") or ""
            times[event["reason"], what, place(event["place"])] += 1
    if not times:
        return None
    (reason, what, where), count = times.most_common(1)[0]
    return {"reason": reason, "what": what, "place": where, "times": count}


def header(event):
    """A place as something that can be looked up."""
    return json.dumps(event["place"], sort_keys=True)


def place(span):
    """file:line in function, the file without its folders."""
    return f"{Path(span['file']).name}:{span['line']} in {span['function']}"
