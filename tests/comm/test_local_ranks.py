"""What the ranks of one machine share about how they end."""

from __future__ import annotations

import pytest


@pytest.fixture
def local_ranks(comm):
    if comm.n_ranks == 1 or not comm.is_one_machine:
        pytest.skip("needs several ranks on one machine")
    from distsnn.comm.ending.local_ranks import LocalRanks

    return LocalRanks(comm.mpi_comm)


@pytest.mark.mpi
def test_all_ranks_abort_with_the_exit_code_of_the_first(comm, local_ranks):
    if comm.rank == comm.n_ranks - 1:
        assert local_ranks.job_code(3) == 3
    comm.barrier()
    assert local_ranks.job_code(1) == 3


@pytest.mark.mpi
def test_one_rank_prints_the_message(comm, local_ranks):
    if comm.rank == 0:
        assert local_ranks.claim_message()
    comm.barrier()
    assert not local_ranks.claim_message()
