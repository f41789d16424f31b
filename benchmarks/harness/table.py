"""Tables for people, made from a results document alone (so that a saved one prints the same again)."""

from math import exp, log

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns"))
HEADINGS = {
    "steady": "Steady: median of the last half of the calls in a process",
    "first": "First: the first call in a fresh process, warm-up included",
    "total": "Total: the whole process, start-up and warm-up included",
    "memory": "Peak memory",
}


def seconds(value):
    """Three significant digits in a fitting unit."""
    for least, unit in UNITS:
        if value >= least:
            scaled = value / {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}[unit]
            return f"{scaled:.{max(0, 2 - len(str(int(scaled))) + 1)}f} {unit}"
    raise ValueError(f"a time below zero: {value}")


def mebibytes(value):
    return f"{value / 2**20:.1f} MiB"


def cell(found, measure):
    """The text of one cell, with the median, the spread from min to max, and the ratio to the reference."""
    if "error" in found:
        return "failed"
    if measure not in found:
        return ""
    figure = found[measure]
    if measure == "memory":
        return mebibytes(figure["median"])
    text = seconds(figure["median"])
    if figure["max"] > figure["min"]:
        below = 100 * (1 - figure["min"] / figure["median"])
        above = 100 * (figure["max"] / figure["median"] - 1)
        text += f" -{below:.0f}/+{above:.0f} %"
    if "ratio" in figure:
        text += f" ({figure['ratio']:.3g}x)"
    return text


def rows(result, measure):
    """Header and rows for one measure; programs that do not have it are left out. None when no program has it."""
    names = [each["name"] for each in result["interpreters"]]
    header = ["program"] + [name + (" (reference)" if name == result["reference"] else "") for name in names]
    body = []
    ratios = {name: [] for name in names}
    for program in result["programs"]:
        found = program["measures"]
        if not any(measure in found[name] for name in names):
            continue
        body.append([program["name"]] + [cell(found[name], measure) for name in names])
        for name in names:
            if "ratio" in found[name].get(measure, {}):
                ratios[name].append(found[name][measure]["ratio"])
    if not body:
        return None
    if len(body) > 1 and measure != "memory":
        means = [f"{exp(sum(map(log, ratios[name])) / len(ratios[name])):.3g}x" if ratios[name] else "" for name in names]
        body.append(["geometric mean"] + means)
    return header, body


def costs(result):
    """Header and rows of what the event logs tell; None when there are none."""
    header = ["program", "interpreter", "compiled", "recording and compiling", "entries", "largest exit", "most aborted"]
    body = []
    for program in result["programs"]:
        for name, told in program.get("events", {}).items():
            shares, left, stopped = told["shares"], told["exit"], told["stopped"]
            body.append(
                [
                    program["name"],
                    name,
                    f"{100 * shares['compiled']:.0f} %",
                    f"{100 * (shares['recording'] + shares['compiling']):.0f} %",
                    str(told["entries"]),
                    f"{left['count']} x {left['kind']}, {left['place']}" if left else "",
                    f"{stopped['times']} x {stopped['reason']} {stopped['what']}, {stopped['place']}" if stopped else "",
                ]
            )
    return (header, body) if body else None


def tables(result):
    """Heading, header and rows of each table that has rows."""
    for measure, heading in HEADINGS.items():
        found = rows(result, measure)
        if found:
            yield heading, *found
    found = costs(result)
    if found:
        yield "Costs: shares of a process's time, and what went to the interpreter, from the event log of one process", *found


def notes(result):
    """What a reader of the figures has to know: machine, versions, settings, disagreements."""
    machine = result["machine"]
    settings = result["settings"]
    commit = (machine["commit"] or "unknown")[:12] + (" with local changes" if machine["commit_dirty"] else "")
    lines = [
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['kernel']}, load "
        f"{machine['load_average'][0]}, commit {commit}.",
        f"Medians over {settings['rounds']} rounds of interleaved processes, -/+ is the spread to the fastest and slowest; "
        f"(2x) is twice as fast as {result['reference']}.",
    ]
    lines += [f"{each['name']}: {each['version']}" for each in result["interpreters"]]
    lines += problems(result)
    return lines


def problems(result):
    """One line for each failed or disagreeing interpreter, none when all is well."""
    lines = []
    for program in result["programs"]:
        for name, found in program["measures"].items():
            if "error" in found:
                lines.append(f"FAILED: {program['name']} under {name}: {found['error']}")
        sound = {name: text for name, text in program["outputs"].items() if "error" not in program["measures"][name]}
        if len(set(sound.values())) > 1:
            for name, text in sound.items():
                lines.append(f"DIFFERS: {program['name']} under {name} gives {text.strip()[:200]}")
    if not lines:
        lines.append(f"All {len(result['interpreters'])} interpreters agree on all {len(result['programs'])} programs.")
    return lines


def markdown(result):
    """A Markdown section with one table a measure."""
    parts = []
    for heading, header, body in tables(result):
        lines = [f"### {heading}", "", "| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in body]
        parts.append("\n".join(lines))
    parts.append("\n".join(f"* {line}" for line in notes(result)))
    return "\n\n".join(parts) + "\n"


def plain(result):
    """The same for a terminal, columns aligned."""
    parts = []
    for heading, header, body in tables(result):
        table = [header, *body]
        widths = [max(len(row[column]) for row in table) for column in range(len(header))]
        lines = [heading]
        for row in table:
            cells = [row[0].ljust(widths[0])] + [text.rjust(width) for text, width in zip(row[1:], widths[1:])]
            lines.append("  " + "   ".join(cells).rstrip())
        parts.append("\n".join(lines))
    parts.append("\n".join(notes(result)))
    return "\n\n".join(parts) + "\n"
