"""The pure-Python benchmarks of the pyperformance suite, from its source archive or a folder with it.

Nothing of the suite is in this repository: `fetch` has pip download the archive (VERSION) into the user's cache and
unpacks it there; otherwise it is a path. The programs run unchanged. They import a module `pyperf`, which is our stand-in
(stand_in/pyperf.py), and report through it as child.py does. Each benchmark has a process of its own, also where one
program has several.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from .errors import HarnessError
from .programs import Program

VERSION = "1.14.0"
WITHIN = "pyperformance/data-files/benchmarks"
# Calls in a process: fewer of those that take seconds each in the stock VM.
REPEATS = 8
FEWER_REPEATS = {
    "async_generators": 4,
    "fannkuch": 4,
    "mdp": 3,
    "pprint_pformat": 3,
    "pprint_safe_repr": 3,
    "pyflate": 4,
    "raytrace": 4,
    "scimark_fft": 4,
}

# benchmark: (program, arguments, loops). The loops make a call take at least 0.15 s in the stock VM of 2026-11.
BENCHMARKS = {
    "async_generators": ("async_generators", (), 1),
    "chaos": ("chaos", (), 1),
    "comprehensions": ("comprehensions", (), 1500),
    "crypto_pyaes": ("crypto_pyaes", (), 1),
    "deepcopy": ("deepcopy", (), 150),
    "deepcopy_memo": ("deepcopy", (), 1000),
    "deepcopy_reduce": ("deepcopy", (), 6000),
    "deltablue": ("deltablue", (), 8),
    "fannkuch": ("fannkuch", (), 1),
    "float": ("float", (), 1),
    "generators": ("generators", (), 1),
    "go": ("go", (), 1),
    "hexiom": ("hexiom", (), 5),
    "json_dumps": ("json_dumps", (), 6),
    "logging_format": ("logging", (), 600),
    "logging_silent": ("logging", (), 20000),
    "logging_simple": ("logging", (), 600),
    "mdp": ("mdp", (), 1),
    "meteor_contest": ("meteor_contest", (), 1),
    "nbody": ("nbody", (), 1),
    "nqueens": ("nqueens", (), 1),
    "pickle_pure_python": ("pickle", ("--pure-python", "pickle"), 5),
    "pprint_pformat": ("pprint", (), 1),
    "pprint_safe_repr": ("pprint", (), 1),
    "pyflate": ("pyflate", (), 1),
    "raytrace": ("raytrace", (), 1),
    "regex_compile": ("regex_compile", (), 1),
    "richards": ("richards", (), 1),
    "scimark_fft": ("scimark", (), 1),
    "scimark_lu": ("scimark", (), 1),
    "scimark_monte_carlo": ("scimark", (), 1),
    "scimark_sor": ("scimark", (), 1),
    "scimark_sparse_mat_mult": ("scimark", (), 10),
    "spectral_norm": ("spectral_norm", (), 1),
    "telco": ("telco", (), 1),
    "typing_runtime_protocols": ("typing_runtime_protocols", (), 200),
    "unpack_sequence": ("unpack_sequence", (), 3000),
    "unpickle_pure_python": ("pickle", ("--pure-python", "unpickle"), 7),
}


def cache():
    """The folder where what was fetched is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tjit-benchmarks"


def pip(*words):
    """Runs pip; raises HarnessError with its last line when that fails."""
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["nothing on stderr"]
        raise HarnessError(f"pip {words[0]} {words[-1]} failed: {lines[-1]}; give a folder by path if there is no network")


def unpack(archive, folder):
    """Unpacks the suite's source archive into the folder."""
    try:
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise HarnessError(f"cannot unpack {archive}: {error}; it has to be pyperformance's source archive") from error


def locate(source, scratch):
    """The folder with the suite's programs; `source` is `fetch`, a folder, or an archive (unpacked into `scratch`)."""
    if source == "fetch":
        root = cache() / f"pyperformance-{VERSION}"
        if not root.is_dir():
            with tempfile.TemporaryDirectory() as folder:
                pip("download", "--quiet", "--no-deps", "--no-binary=:all:", f"--dest={folder}", f"pyperformance=={VERSION}")
                unpack(Path(folder) / f"pyperformance-{VERSION}.tar.gz", cache())
    else:
        root = Path(source).resolve()
        if root.is_file():
            unpack(root, scratch)
            root = Path(scratch)
    for found in (root / WITHIN, root, *root.glob("*/" + WITHIN)):
        if (found / "bm_nbody").is_dir():
            return found
    raise HarnessError(f"--pyperformance {source}: there is no {WITHIN}/bm_nbody in it; give an unpacked pyperformance")


def packages(folder):
    """Where the packages are that a program needs besides pyperf; they are installed into the cache the first time."""
    needed = folder / "requirements.txt"
    if not needed.is_file():
        return ()
    target = cache() / ("packages-" + folder.name)
    if not target.is_dir():
        pip("install", "--quiet", "--no-deps", f"--target={target}", f"--requirement={needed}")
    return (target,)


def select(names, source, scratch):
    """The benchmarks with the given names, in that order; all of BENCHMARKS for an empty list."""
    folder = locate(source, scratch)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise HarnessError(f"pyperformance has no benchmark `{unknown[0]}` here; known are: {', '.join(BENCHMARKS)}")
    return [read(name, folder) for name in names or BENCHMARKS]


def read(name, folder):
    """One benchmark as the harness knows programs."""
    program, arguments, loops = BENCHMARKS[name]
    path = folder / f"bm_{program}" / "run_benchmark.py"
    if not path.is_file():
        raise HarnessError(f"{path} is missing: is this a complete pyperformance {VERSION}?")
    return Program(
        name=name,
        path=path,
        title=f"pyperformance's {name}",
        whole=False,
        scale=loops,
        small=1,
        repeats=FEWER_REPEATS.get(name, REPEATS),
        benchmark=name,
        arguments=arguments,
        packages=packages(path.parent),
    )
