"""PyNN's own examples on distsnn, or on another backend: which run, and what stops the others.

    python benchmarks/peers/pynn_examples.py FOLDER [--backend distsnn] [--only NAME ...] [--ranks 1]

FOLDER: ``examples`` of PyNN's source distribution. Each example is a process of its own in a copy of
the folder. Needs pyNN and matplotlib.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 300
# What an example takes beside the name of the backend.
ARGUMENTS = {"VAbenchmarks": ["COBA"]}
# They name another backend themselves.
OF_ANOTHER = {"nineml_brunel", "nrn_artificial_cell", "random_distributions"}
RUN = (
    "import sys, runpy, importlib\n"
    "if sys.argv[2] == 'distsnn': importlib.import_module('distsnn.pynn')\n"
    "sys.argv = sys.argv[1:]\n"
    "runpy.run_path(sys.argv[0], run_name='__main__')\n"
)


def outcome(path: Path, backend: str, ranks: int) -> tuple[str, float]:
    """Run an example; return "runs" or the last line of its error, and seconds."""
    arguments = [path.name, backend, *ARGUMENTS.get(path.stem, [])]
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    began = perf_counter()
    try:
        done = subprocess.run(
            [*launcher, sys.executable, "-W", "ignore", "-c", RUN, *arguments],
            cwd=path.parent, env=environment, capture_output=True, text=True, check=False,
            timeout=LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"runs for more than {LIMIT_S} s", float(LIMIT_S)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    text = "runs" if done.returncode == 0 else (lines or ["no message"])[-1][:150]
    return text, perf_counter() - began


def main() -> None:
    """Run the examples and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default="distsnn")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--ranks", type=int, default=1)
    options = parser.parse_args()
    n_run = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "examples"
        shutil.copytree(options.folder, folder)
        examples = [
            path
            for path in sorted(folder.glob("*.py"))
            if path.stem not in OF_ANOTHER and (not options.only or path.stem in options.only)
        ]
        for path in examples:
            text, seconds = outcome(path, options.backend, options.ranks)
            n_run += text == "runs"
            print(f"{path.stem:36} {seconds:6.1f} s  {text}", flush=True)
    print(f"{n_run} of {len(examples)} run on {options.backend}")


if __name__ == "__main__":
    main()
