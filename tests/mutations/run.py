"""Breaks the package in one small way after another and shows that the nearest tests see it.

    python tests/mutations/run.py              all mutations of table.py
    python tests/mutations/run.py poisson      those with this word in their name
    python tests/mutations/run.py --list       what there is
    python tests/mutations/run.py --control    the same tests, nothing broken: none may be "killed"

Each mutation is made in a copy of the package in a temporary folder; the tests are those of the
checkout. Ends with exit code 1 if a mutation survives: then the right value has no test yet.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutations.table import MUTATIONS, Mutation, file_with

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 600
PASSED, FAILED = 0, 1  # exit codes of pytest


def make_copy(folder: Path, mutation: Mutation) -> None:
    """Write the package with one mutation into a folder."""
    shutil.copytree(ROOT / "distsnn", folder / "distsnn", ignore=shutil.ignore_patterns("*.pyc"))
    if mutation.old:
        path = file_with(mutation, folder / "distsnn")
        path.write_text(path.read_text().replace(mutation.old, mutation.new))


def command_of(mutation: Mutation) -> list[str]:
    """Return the command that runs the nearest tests on the package of the present folder."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--color=no"]
    pytest += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    tests = [str(ROOT / "tests" / test) for test in mutation.tests]
    if mutation.n_ranks == 1:
        return [*pytest, "-m", "not mpi", *tests]
    launcher = str(Path(sys.executable).parent / "mpirun")
    return [launcher, "-n", str(mutation.n_ranks), *pytest, "--with-mpi", "-m", "mpi", *tests]


def run(mutation: Mutation) -> tuple[int, str]:
    """Return the exit code of the nearest tests under a mutation, and what they wrote."""
    with tempfile.TemporaryDirectory(prefix="distsnn-mutation-") as name:
        make_copy(Path(name), mutation)
        done = subprocess.run(
            command_of(mutation), cwd=name, env={**os.environ, "PYTHONPATH": name},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S,
            check=False,
        )  # fmt: skip
    return done.returncode, done.stdout


def first_failure(output: str) -> str:
    """Return the name of the first test that failed, without its folder."""
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    return failed[1].rpartition("/")[2] if failed else ""


def control() -> int:
    """Run the tests of all mutations on an unchanged copy; return 1 if any fails."""
    n_failed = 0
    for tests, n_ranks in sorted({(one.tests, one.n_ranks) for one in MUTATIONS}):
        code, output = run(Mutation("control", ".", "", "", tests, n_ranks))
        n_failed += code != PASSED
        print(f"{' '.join(tests):70} exit code {code} {first_failure(output)}", flush=True)
    return int(n_failed > 0)


def main(words: list[str]) -> int:
    chosen = [one for one in MUTATIONS if all(word in one.name for word in words)]
    survivors = []
    for mutation in chosen:
        began = perf_counter()
        code, output = run(mutation)
        # Anything but failed tests (nothing collected, an import that fails) shows nothing.
        if code == PASSED:
            outcome = "SURVIVED"
        elif code == FAILED or (mutation.n_ranks > 1 and " failed" in output):
            outcome = f"killed by {first_failure(output)}"
        else:
            outcome = f"NOT TRIED, exit code {code}:\n{output[-2000:]}"
        if not outcome.startswith("killed"):
            survivors.append(mutation.name)
        print(f"{mutation.name:50} {perf_counter() - began:5.1f} s  {outcome}", flush=True)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    if "--list" in sys.argv[1:]:
        for mutation in MUTATIONS:
            print(f"{mutation.name:50} {mutation.room}: {mutation.old!r} -> {mutation.new!r}")
        sys.exit(0)
    sys.exit(control() if "--control" in sys.argv[1:] else main(sys.argv[1:]))
