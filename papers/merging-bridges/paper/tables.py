"""The tables and figures, from the saved results. Tables stand between two comments in the paper, which are kept:

    <!-- table: NAME -->
    <!-- end -->
"""

import re

from .charts import chart

MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# What is drawn and listed: the figure, its name, its unit, and how many of that unit one is.
FIGURES = {
    "bridges": ("bridges", "bridges", 1),
    "code": ("code_bytes", "machine code, KiB", 1 / 1024),
    "compiling": ("compiling", "compile time, ms", 1000),
    "total": ("total", "all passes, ms of processor time", 1000),
    "steady": ("steady", "one pass when warm, ms of processor time", 1000),
}


def rewrite(paper, results):
    """The paper with its tables made anew; what is in the results and in no table is no error."""
    tables = all_tables(results)

    def replace(match):
        if match[2] not in tables:
            raise KeyError(f"the paper asks for a table `{match[2]}`; there are {', '.join(sorted(tables))}")
        return f"{match[1]}{tables[match[2]]}\n{match[3]}"

    return MARKED.sub(replace, paper)


def all_tables(results):
    tables = {"machine": machine(results), "limits": limits(results)}
    for kind, series in series_of(results).items():
        tables[f"{kind}-counts"] = by_branches(series, ("bridges", "code", "compiling"))
        tables[f"{kind}-times"] = by_branches(series, ("total", "steady"))
        tables[f"{kind}-shape"] = shape(series)
    return tables


def all_figures(results):
    """SVG texts by file name."""
    figures = {}
    for kind, series in series_of(results).items():
        for name, (key, label, unit) in FIGURES.items():
            lines = {
                interpreter: [(branches, found[key] * unit) for branches, found in line if found.get(key)]
                for interpreter, line in series.items()
            }
            if any(lines.values()):
                lines = {interpreter: line for interpreter, line in lines.items() if line}
                figures[f"{kind}-{name}.svg"] = chart(f"{kind}: {label}", "independent branches", label, lines)
    return figures


def series_of(results):
    """By kind of program (with the chance, where that is not one half) and interpreter: (branches, figures), ascending."""
    series = {}
    for case in results["cases"]:
        kind = case["kind"] if case["chance"] == 0.5 else f"{case['kind']}-{round(case['chance'] * 100)}"
        for interpreter, found in case["found"].items():
            series.setdefault(kind, {}).setdefault(interpreter, []).append((case["branches"], found))
    for interpreters in series.values():
        for line in interpreters.values():
            line.sort(key=lambda point: point[0])
    return series


def by_branches(series, figures):
    """A row for each number of branches, and columns for each figure and interpreter that has it."""
    columns = [
        (interpreter, name)
        for name in figures
        for interpreter, line in series.items()
        if any(found.get(FIGURES[name][0]) is not None for _, found in line)
    ]
    head = ["k"] + [f"{name}, {interpreter}" for interpreter, name in columns]
    rows = []
    for branches, _ in next(iter(series.values())):
        row = [str(branches)]
        for interpreter, name in columns:
            key, _, unit = FIGURES[name]
            found = dict(series[interpreter]).get(branches, {}).get(key)
            row.append("" if found is None else short(found * unit))
        rows.append(row)
    units = "; ".join(f"{name}: {FIGURES[name][1]}" for name in figures if FIGURES[name][1] != name)
    return table(head, rows) + (f"\n\n({units})" if units else "")


def shape(series):
    """What the region with merging bridges looks like, by the number of branches."""
    keys = {
        "bridges": "bridges",
        "bridges per branch": None,
        "join traces": "joins",
        "operations": "operations",
        "most bridges below one guard": "deepest",
        "basic blocks of the region": "region_blocks",
        "conditional moves": "selects",
        "region, KiB": "region_bytes",
    }
    rows = []
    for branches, found in series.get("merge", []):
        row = [str(branches)]
        for key in keys.values():
            if key is None:
                row.append(f"{found['bridges'] / branches:.1f}")
            else:
                row.append(short(found[key] / 1024 if key == "region_bytes" else found[key]))
        rows.append(row)
    return table(["k", *keys], rows)


def limits(results):
    head = ["options", "root traces", "bridges", "join traces", "machine code, KiB", "compile time, ms", "refused", "result"]
    rows = []
    for row in results["limits"]:
        found = row["found"]
        refused = ", ".join(f"{times} × {reason}" for reason, times in sorted(found["refused"].items())) or "nothing"
        figures = (found["roots"], found["bridges"], found["joins"], found["code_bytes"] / 1024, found["compiling"] * 1000)
        rows.append([f"`{row['options']}`", *map(short, figures), refused, "as CPython's"])
    return table(head, rows)


def machine(results):
    rows = [[name, version] for name, version in results["versions"].items()]
    facts = results["machine"]
    size = f"{results['rows']} rows, {results['passes']} passes, best of {results['rounds']}"
    load = f"load average {facts['load_average'][0]} at the end"
    return table(["interpreter", "version"], rows) + f"\n\n{facts['cpu']}, {facts['cores']} cores, {load}; {size}."


def table(head, rows):
    align = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, align, *rows])


def short(number):
    """Three digits, or all of a whole number."""
    if number >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.3g}"
