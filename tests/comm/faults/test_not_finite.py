"""A state that is not finite on one rank ends all of them together."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import needs_mpirun, run_job

HERE = Path(__file__).parent


@needs_mpirun
@pytest.mark.parametrize("n_ranks", [3])
def test_all_ranks_end_with_one_line_and_exit_code_3(n_ranks, tmp_path):
    job = run_job(tmp_path, n_ranks, str(HERE / "program_not_finite.py"), timeout_s=120)
    assert job.code == 3, job.output
    assert len(job.messages) == 1
    assert "population broken, neuron" in job.messages[0]
