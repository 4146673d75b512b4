"""A script that does not catch an error of distsnn ends with one line that says where."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import distsnn
net = distsnn.Network(dt_ms=0.1)
{line}
"""


def run(tmp_path, line: str, **environment: str) -> subprocess.CompletedProcess:
    path = tmp_path / "model.py"
    path.write_text(SCRIPT.format(line=line))
    known = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, env=known, timeout=60
    )


def test_one_line_and_the_exit_code(tmp_path):
    done = run(tmp_path, "net.population('p', 0, distsnn.LifExp())")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("distsnn: population 'p': size: must be")
    assert line.endswith("[model.py, line 4]")


def test_other_errors_are_left_as_they_are(tmp_path):
    done = run(tmp_path, "1 / 0")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_the_whole_trace_on_wish(tmp_path):
    done = run(tmp_path, "net.find('q')", DISTSNN_TRACEBACK="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
