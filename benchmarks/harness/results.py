"""Samples into figures: medians with their spread, ratios against the reference, whether the interpreters agree.

The document (format 1) is plain JSON. Seconds and bytes throughout.

    format, machine, settings {rounds, repeats, size}, reference,
    interpreters  [{name, command, version}]
    programs      [{name, title, whole, scale, repeats, agree, outputs {interpreter: text},
                    measures {interpreter: {error | first, steady, total, memory}},
                    events {interpreter: {shares, entries, exit, stopped}} of those that write event logs, with --events}]

Each measure is {median, min, max, ratio} over the rounds, with `ratio` = the reference's median divided by this one's
(larger is faster, or smaller for memory); `samples` holds every single time. `first` is the first call of main in a fresh
process, `steady` the median of the last half of a process's calls, `total` the process's whole wall time.
"""

import json
from statistics import median

from .errors import HarnessError

FORMAT = 1
MEASURES = ("first", "steady", "total", "memory")


def figures(values):
    return {"median": median(values), "min": min(values), "max": max(values)}


def measures(program, samples):
    """The figures of one program under one interpreter; `{"error": …}` when any of its processes failed."""
    errors = [sample.error for sample in samples if sample.error]
    if errors:
        return {"error": errors[0]}
    result = {}
    if not program.whole:
        result["first"] = figures([sample.times[0] for sample in samples])
        result["steady"] = figures([median(sample.times[len(sample.times) // 2 :]) for sample in samples])
    result["total"] = figures([sample.total for sample in samples])
    result["memory"] = figures([sample.peak for sample in samples])
    result["samples"] = [{"total": sample.total, "peak": sample.peak, "times": sample.times} for sample in samples]
    return result


def summarise(program, scale, repeats, samples, reference):
    """The entry of one program; `samples` maps an interpreter's name to its samples, one a round."""
    by_name = {name: measures(program, taken) for name, taken in samples.items()}
    base = by_name.get(reference, {})
    for found in by_name.values():
        for measure in MEASURES:
            if measure in found and measure in base and found[measure]["median"] > 0:
                found[measure]["ratio"] = base[measure]["median"] / found[measure]["median"]
    outputs = {}
    for name, taken in samples.items():
        outputs[name] = taken[0].output
        for sample in taken:
            if sample.output != taken[0].output and not by_name[name].get("error"):
                by_name[name] = {"error": f"printed {sample.output!r} in one round and {taken[0].output!r} in another"}
    sound = [outputs[name] for name in outputs if "error" not in by_name[name]]
    return {
        "name": program.name,
        "title": program.title,
        "whole": program.whole,
        "scale": scale,
        "repeats": repeats,
        "agree": len(sound) == len(outputs) and len(set(sound)) <= 1,
        "outputs": outputs,
        "measures": by_name,
    }


def document(machine, settings, reference, interpreters, programs):
    """The whole result, ready for JSON."""
    return {
        "format": FORMAT,
        "machine": machine,
        "settings": settings,
        "reference": reference,
        "interpreters": [
            {"name": each.name, "command": list(each.command), "version": each.version} for each in interpreters
        ],
        "programs": programs,
    }


def save(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def load(path):
    """Reads a saved document; raises HarnessError for anything else."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HarnessError(f"cannot read results from {path}: {error}") from error
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise HarnessError(f"{path} holds no results of format {FORMAT}: only files that benchmarks/run wrote can be read")
    return result
