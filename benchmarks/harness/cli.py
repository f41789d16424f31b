"""The command line of benchmarks/run."""

import argparse
import sys
import tempfile
from pathlib import Path

from . import machine, plan, pyperformance, results, table
from .errors import HarnessError
from .interpreters import parse_all
from .programs import select

RESULTS = Path(__file__).resolve().parent.parent / "results"
EPILOG = """examples:
  benchmarks/run --interp tjit=target/release/tjit --interp pypy=/usr/bin/pypy3 --reference pypy leibniz_pi pythagorean
  benchmarks/run --interp tjit=target/release/tjit --interp "off=target/release/tjit run --jit=off" --check
  benchmarks/run --interp … --pyperformance fetch --events richards deltablue
  benchmarks/run --from benchmarks/results/2026-01-31T120000Z.json --markdown table.md
"""


def positive(text):
    value = float(text) if "." in text else int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def parser():
    result = argparse.ArgumentParser(
        prog="benchmarks/run",
        description="Runs benchmark programs under several interpreters, in interleaved processes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("programs", nargs="*", metavar="PROGRAM", help="names of programs (see --list) or Python files; default: all")
    add("--interp", action="append", default=[], metavar="NAME=COMMAND", help="an interpreter; may be given often")
    add("--reference", metavar="NAME", help="the interpreter that ratios are against (default: the first)")
    add("--rounds", type=positive, default=5, metavar="N", help="processes per program and interpreter (default: 5)")
    add("--repeats", type=positive, metavar="N", help="calls of main in a process (default: what the program says)")
    add("--scale", type=positive, metavar="N", help="size for every program (default: what each program says)")
    add("--timeout", type=positive, default=300, metavar="SECONDS", help="longest time of one process (default: 300)")
    add("--pyperformance", metavar="PATH|fetch", help="the programs are pyperformance's, from its folder or archive, or PyPI")
    add("--events", action="store_true", help="one more process of tjit each: time in compiled code, largest costs")
    add("--check", action="store_true", help="one small run each, only to see that all interpreters print the same")
    add("--full", action="store_true", help="with --check: at full size")
    add("--out", metavar="FILE", help="where the JSON goes (default: benchmarks/results/DATE.json)")
    add("--markdown", metavar="FILE", help="writes the tables as Markdown as well (- for standard output)")
    add("--from", dest="saved", metavar="FILE", help="runs nothing; prints the tables of saved results")
    add("--list", action="store_true", help="lists the programs and ends")
    add("--quiet", action="store_true", help="no progress on standard error")
    return result


def main(arguments):
    """Runs the command; returns the exit status: 0, 1 for failures and disagreements, 2 for wrong use, 130 for Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return run(options, scratch)
    except HarnessError as error:
        print(f"benchmarks/run: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nbenchmarks/run: ended by Ctrl-C; nothing was saved", file=sys.stderr)
        return 130


def run(options, scratch):
    """What the options ask for; `scratch` is a folder that is gone afterwards."""
    if options.saved:
        return show(results.load(Path(options.saved)), options)
    if options.pyperformance:
        programs = pyperformance.select(options.programs, options.pyperformance, scratch)
    else:
        programs = select(options.programs)
    if options.list:
        for program in programs:
            print(f"{program.name:26} {'whole process' if program.whole else program.scale:>13}  {program.title}")
        return 0
    if not options.interp:
        raise HarnessError("no interpreter given: add --interp NAME=PATH, for example --interp tjit=target/release/tjit")
    interpreters = parse_all(options.interp)
    names = [each.name for each in interpreters]
    reference = options.reference or names[0]
    if reference not in names:
        raise HarnessError(f"--reference {reference}: the interpreters are {', '.join(names)}")
    if options.check:
        return check(programs, interpreters, options)
    described = machine.describe()
    progress = plan.Progress(len(programs) * len(interpreters) * options.rounds, options.quiet)
    entries = []
    for program in programs:
        scale, repeats = size(program, options)
        samples = plan.measure(program, interpreters, scale, repeats, options.rounds, options.timeout, progress)
        entries.append(results.summarise(program, scale, repeats, samples, reference))
        if options.events:
            sound = [each for each in interpreters if each.logs and "error" not in entries[-1]["measures"][each.name]]
            entries[-1]["events"] = plan.observe(program, sound, scale, repeats, options.timeout)
        progress.say(brief(entries[-1]))
    progress.end()
    settings = {"rounds": options.rounds, "repeats": options.repeats, "scale": options.scale}
    result = results.document(described, settings, reference, interpreters, entries)
    path = Path(options.out) if options.out else RESULTS / (described["date"].replace(":", "") + ".json")
    results.save(path, result)
    progress.say(f"saved {path}")
    return show(result, options)


def size(program, options):
    """Scale and repeats of a program under these options."""
    scale = options.scale or (program.small if options.check and not options.full else program.scale)
    if program.whole:
        return scale, 1
    return scale, options.repeats or (3 if options.check else program.repeats)


def brief(entry):
    """One line of progress about a finished program."""
    measure = "total" if entry["whole"] else "steady"
    cells = [f"{name} {table.cell(found, measure)}" for name, found in entry["measures"].items()]
    return f"{entry['name']} ({measure}): {', '.join(cells)}{'' if entry['agree'] else ' DIFFERS OR FAILED'}"


def check(programs, interpreters, options):
    """Runs everything once, small; prints what disagrees; 0 when nothing does."""
    progress = plan.Progress(len(programs) * len(interpreters), options.quiet)
    entries = []
    for program in programs:
        scale, repeats = size(program, options)
        samples = plan.measure(program, interpreters, scale, repeats, 1, options.timeout, progress)
        entries.append(results.summarise(program, scale, repeats, samples, interpreters[0].name))
    progress.end()
    result = {"interpreters": [{"name": each.name} for each in interpreters], "programs": entries}
    print("\n".join(table.problems(result)))
    return status(result)


def show(result, options):
    """Prints the tables of a results document, and writes the Markdown if wanted."""
    if options.markdown == "-":
        print(table.markdown(result), end="")
    else:
        print(table.plain(result), end="")
        if options.markdown:
            Path(options.markdown).write_text(table.markdown(result), encoding="utf-8")
    return status(result)


def status(result):
    return 0 if all(program["agree"] for program in result["programs"]) else 1
