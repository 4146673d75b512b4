"""PyNN's own system tests, which its source distribution has in the folder test/system.

They are PyNN's, so they are run from there, in a copy in which each that is for NEST is for distsnn.
PYNN_SYSTEM_TESTS names the folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.comm.launch.environment import find_launcher

ROOT = Path(__file__).parents[2]
FOLDER = os.environ.get("PYNN_SYSTEM_TESTS", "")
TEST = re.compile(r'^@run_with_simulators\("nest".*\ndef test_', re.MULTILINE)
SIMULATORS = re.compile(r'@run_with_simulators\("nest"[^)]*\)')


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="PYNN_SYSTEM_TESTS names no folder test/system of PyNN")
@pytest.mark.skipif(find_launcher().n_ranks > 1, reason="starts a process itself")
def test_the_scenarios_of_pynn(tmp_path):
    shutil.copytree(Path(FOLDER) / "scenarios", tmp_path / "scenarios")
    (tmp_path / "conftest.py").write_text("import distsnn.pynn\n")
    n_tests = 0
    for path in (tmp_path / "scenarios").glob("test_*.py"):
        n_tests += len(TEST.findall(path.read_text()))
        path.write_text(SIMULATORS.sub('@run_with_simulators("distsnn")', path.read_text()))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "pytest", "-q", "-p", "no:cacheprovider", "scenarios"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    n_passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert n_tests > 60
    assert n_passed >= n_tests
