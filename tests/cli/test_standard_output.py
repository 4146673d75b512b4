"""Standard output that is closed, full or not read: one line at most, and the results are there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from distsnn.comm.launch.environment import find_launcher

RUN = f"{sys.executable} -m distsnn run loihi --scale 0.02 --duration 20 --out run"
OTHER = f"{sys.executable} -m distsnn"

pytestmark = pytest.mark.skipif(find_launcher().n_ranks > 1, reason="starts its own processes")

# What is typed: exit code, what the one line says ("": there is none), whether results are there.
CASES = {
    "closed": (f"{RUN} >&-", 2, "standard output: must be writable, got 'Bad file", True),
    "closed, nothing to say": (f"{RUN} --quiet >&-", 0, "", True),
    "full": (f"{RUN} >/dev/full", 2, "standard output: must be writable, got 'No space", True),
    "not read": (f"{RUN} | true; exit ${{PIPESTATUS[0]}}", 141, "", True),
    "not read on": (f"{RUN} | head -n 1; exit ${{PIPESTATUS[0]}}", 141, "", True),
    "all closed": (f"{RUN} <&- >&- 2>&-", 2, "", True),
    "both full": (f"{RUN} >/dev/full 2>/dev/full", 2, "", True),
    "error, both full": (f"{RUN} --dt=-1 >/dev/full 2>/dev/full", 2, "", False),
    "error, closed": (f"{RUN} --dt=-1 2>&-", 2, "", False),
    "help": (f"{OTHER} run -h >/dev/full", 2, "standard output: must be writable", False),
    "models": (f"{OTHER} models >/dev/full", 2, "standard output: must be writable", False),
    "models, closed": (f"{OTHER} models >&-", 2, "standard output: must be writable", False),
    "camera": (f"{OTHER} gallery --list >/dev/full", 2, "standard output: must be", False),
    "names in ASCII": (f"PYTHONIOENCODING=ascii {RUN} --json µ.json", 0, "", True),
}


@pytest.mark.parametrize("case", CASES)
def test_output_that_cannot_be_written(case, tmp_path):
    typed, code, words, has_results = CASES[case]
    done = subprocess.run(
        ["bash", "-c", typed], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == (1 if words else 0), done.stderr
    assert words in done.stderr
    files = {path.name for path in (tmp_path / "run").glob("*")} if has_results else set()
    assert files == ({"spikes.h5", "counters.h5", "settings.json"} if has_results else set())
    assert (tmp_path / "run").exists() == has_results
