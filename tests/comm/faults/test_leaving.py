"""What is left open after an error that is caught, or is never finished, harms no rank later."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import needs_mpirun, run_job

HERE = Path(__file__).parent
PROGRAM = str(HERE / "leaving_program.py")

pytestmark = pytest.mark.timeout(200)


@needs_mpirun
@pytest.mark.parametrize("way", ["strict", "unfinished", "building", "refused"])
def test_a_rank_that_ends_late_is_left_alone(tmp_path, way):
    written = tmp_path / "written"
    job = run_job(tmp_path, 2, PROGRAM, way, str(written))
    assert job.code == 0, job.output
    assert job.said == [], job.output
    assert written.read_text() == "whole"
