"""Whatever happens to one rank, the job ends at once, with one message and the right exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import needs_mpirun, run_job

HERE = Path(__file__).parent
PROGRAM = str(HERE / "failing_program.py")
WHERE = "rank 1 (cores 4-7), step 50"
MAX_S = 3.0  # two seconds are promised; machines that test are busy

pytestmark = [needs_mpirun, pytest.mark.timeout(200)]


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        ("raise", 1, f"distsnn: {WHERE}: ZeroDivisionError: on purpose"),
        ("lone-user-error", 3, f"distsnn: {WHERE}: neuron 7: v must be finite, got nan"),
        ("exit", 3, f"distsnn: {WHERE}: ended with exit code 3"),
        ("system-exit", 9, f"distsnn: {WHERE}: ended with exit code 9"),
        ("exit-0", 1, f"distsnn: {WHERE}: ended with exit code 0"),
        ("thread", 1, f"distsnn: {WHERE}: ZeroDivisionError in a thread"),
        ("interrupt", 130, f"distsnn: interrupted at {WHERE}"),
        ("SIGTERM", 143, f"distsnn: stopped by SIGTERM; {WHERE}"),
    ],
)
def test_one_rank_fails(tmp_path, ending, code, message):
    job = run_job(tmp_path, 3, PROGRAM, ending)
    assert job.code == code, job.output
    assert len(job.messages) == 1, job.output
    assert job.messages[0].startswith(message)
    assert 0 < job.after_s < MAX_S


@pytest.mark.parametrize("ending", ["os-exit", "SIGKILL"])
def test_one_rank_vanishes(tmp_path, ending):
    """The launcher notices; its messages and exit code are its own."""
    job = run_job(tmp_path, 3, PROGRAM, ending)
    assert job.code != 0
    assert len(job.messages) <= 1, job.output
    assert 0 < job.after_s < MAX_S
