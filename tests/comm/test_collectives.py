"""Collective calls, on one rank and on many."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.serial import SerialComm
from distsnn.errors import LaunchError, SimulationError


def array_of(source: int, target: int, dtype=np.int32) -> np.ndarray:
    """Return an array that differs in length and content for each pair of ranks."""
    n = (7 * source + 3 * target) % 11
    return (np.arange(n) * 1000 + 10 * source + target).astype(dtype)


def check_numbers(comm) -> None:
    n = comm.n_ranks
    assert comm.sum(comm.rank + 1) == n * (n + 1) // 2
    assert comm.min(comm.rank + 5) == 5
    assert comm.max(comm.rank * comm.rank) == (n - 1) ** 2
    assert comm.sum(1 << 40) == n << 40
    comm.barrier()


def check_arrays(comm) -> None:
    n, rank = comm.n_ranks, comm.rank
    received = comm.alltoallv([array_of(rank, target) for target in range(n)])
    assert len(received) == n
    for source, array in enumerate(received):
        assert array.dtype == np.int32
        assert np.array_equal(array, array_of(source, rank))
    gathered = comm.gather_arrays(np.full((rank, 2), rank, dtype=np.float32))
    assert [part.shape for part in gathered] == ([(r, 2) for r in range(n)] if rank == 0 else [])
    assert all((part == r).all() for r, part in enumerate(gathered))
    total = comm.reduce_sum(np.full((3, 2), rank + 1, dtype=np.int64))
    assert total.shape == (3, 2)
    if rank == 0:
        assert (total == n * (n + 1) // 2).all()
    wrapped = comm.reduce_sum(np.full(1, (1 << 64) - 1, dtype=np.uint64))
    if rank == 0:
        assert int(wrapped[0]) == (1 << 64) - n


def check_objects(comm) -> None:
    assert comm.broadcast({"rank": comm.rank}) == {"rank": 0}
    done = []
    comm.first_then_rest(lambda: done.append(1))
    assert done == [1]
    comm.agree(None)
    with pytest.raises(SimulationError, match="wrong on 0"):
        comm.agree(SimulationError("wrong on 0"))


CHECKS = (check_numbers, check_arrays, check_objects)


@pytest.mark.parametrize("check", CHECKS)
def test_on_one_rank(check):
    check(SerialComm())


@pytest.mark.mpi
@pytest.mark.parametrize("check", CHECKS)
def test_on_many_ranks(comm, check):
    check(comm)


@pytest.mark.mpi
@pytest.mark.parametrize("max_bytes", [1, 8, 100])
def test_arrays_larger_than_a_message(comm, max_bytes):
    """Messages are split at 1 GB, and here at a few bytes."""
    if comm.n_ranks == 1:
        pytest.skip("there are no messages")
    from distsnn.comm import collectives

    n, rank = comm.n_ranks, comm.rank
    arrays = [array_of(rank, target, np.float64) for target in range(n)]
    received = collectives.alltoall_arrays(comm.mpi_comm, arrays, max_bytes * n)
    for source, array in enumerate(received):
        assert np.array_equal(array, array_of(source, rank, np.float64))
    gathered = collectives.gather_arrays(comm.mpi_comm, arrays[0], max_bytes=max_bytes)
    assert all(np.array_equal(a, array_of(r, 0)) for r, a in enumerate(gathered))
    total = collectives.reduce_sum(comm.mpi_comm, np.arange(50.0), max_bytes=max_bytes)
    if rank == 0:
        assert np.array_equal(total, n * np.arange(50.0))


@pytest.mark.mpi
def test_error_of_the_lowest_rank_is_raised_everywhere(comm):
    lowest = comm.n_ranks - 1
    error = SimulationError(f"wrong on {comm.rank}") if comm.rank >= lowest else None
    with pytest.raises(SimulationError, match=f"wrong on {lowest}"):
        comm.agree(error)


@pytest.mark.mpi
def test_error_that_cannot_be_sent(comm):
    class Local(Exception):
        """Not importable elsewhere."""

    with pytest.raises(Exception, match="odd"):
        comm.agree(Local("odd") if comm.rank == 0 else None)


@pytest.mark.mpi
def test_error_of_the_first_reaches_the_rest(comm):
    def fail() -> None:
        raise SimulationError("no compiler")

    with pytest.raises(SimulationError, match="no compiler"):
        comm.first_then_rest(fail)


def test_more_ranks_than_started():
    from distsnn.comm import start
    from distsnn.comm.launch.environment import find_launcher

    if find_launcher().n_ranks == 1:
        assert start(1).n_ranks == 1
        with pytest.raises(LaunchError, match=r"n_ranks: must be 1, .*mpirun -n 3"):
            start(3)


@pytest.mark.mpi
def test_start_again_gives_the_same_ranks(comm):
    from distsnn.comm import start

    assert start() is comm
    with pytest.raises(LaunchError, match=f"must be 1 to {comm.n_ranks}|must be 1, the"):
        start(comm.n_ranks + 1)
