"""Objects that are left open after a caught error, or never finished, do no harm later."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import needs_mpirun, run_job

HERE = Path(__file__).parent
PROGRAM = str(HERE / "leaving_program.py")

pytestmark = pytest.mark.timeout(200)


@needs_mpirun
@pytest.mark.parametrize("ending", ["strict", "unfinished", "building", "refused"])
def test_a_rank_that_ends_late_is_left_alone(tmp_path, ending):
    written = tmp_path / "written"
    job = run_job(tmp_path, 2, PROGRAM, ending, str(written))
    assert job.code == 0, job.output
    assert job.messages == [], job.output
    assert written.read_text() == "whole"
