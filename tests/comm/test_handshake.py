"""Handshakes, and what ranks learn from them, in shared memory and by messages."""

from __future__ import annotations

import time

import numpy as np
import pytest

from distsnn.comm import collective
from distsnn.comm.serial import SerialComm
from distsnn.comm.shared.barrier import (
    LONG_WAIT_NS,
    MAX_POLLING_NS,
    MIN_POLLING_NS,
    AdaptivePolling,
)
from distsnn.comm.shared.futex import WakeUpWords
from distsnn.errors import NetworkError, UsageError
from distsnn.kernels.comm.barrier import N_WAKE_UP_WORDS

BOARDS = ("shared", "messages")


@pytest.fixture(params=BOARDS)
def handshake(request, comm):
    """Handshakes of all ranks."""
    if comm.n_ranks == 1:
        pytest.skip("there are no other ranks")
    from distsnn.comm.handshake import Handshake

    return Handshake(
        comm.mpi_comm, request.param == "shared", is_oversubscribed=comm.is_oversubscribed
    )


@pytest.mark.mpi
def test_numbers_of_all_ranks(comm, handshake):
    for k in range(50):
        handshake.post(100 * k + comm.rank)
        assert handshake.wait()
        assert handshake.posted.tolist() == [100 * k + rank for rank in range(comm.n_ranks)]


@pytest.mark.mpi
def test_a_late_rank_causes_a_timeout_and_completes_the_handshake(comm, handshake):
    """The last rank posts 0.3 s late."""
    is_late = comm.rank == comm.n_ranks - 1
    if is_late:
        time.sleep(0.3)
    handshake.post(5)
    if not is_late:
        assert not handshake.wait(0.05)
    assert handshake.wait(30.0)
    assert (handshake.posted == 5).all()


@pytest.mark.mpi
def test_other_calls_are_refused_on_all_ranks(comm):
    if comm.n_ranks == 1:
        pytest.skip("there are no other ranks")
    call = comm.barrier if comm.rank == 0 else lambda: comm.sum(1)
    with pytest.raises(
        UsageError, match="must be the same, got barrier on rank 0 and sum on rank 1"
    ):
        call()
    assert comm.sum(1) == comm.n_ranks  # and all go on together


@pytest.mark.mpi
@pytest.mark.parametrize("kind", [NetworkError, ZeroDivisionError])
def test_error_of_one_rank_is_raised_on_all(comm, kind):
    """Whatever call the others make, and through nested blocks."""
    if comm.n_ranks == 1:
        pytest.skip("there are no other ranks")

    def build() -> None:
        with comm.together("outer"), comm.together("inner"):
            if comm.rank == comm.n_ranks - 1:
                raise kind("odd")
            comm.gather_arrays(np.zeros(3))

    with pytest.raises(kind, match="odd"):
        build()
    comm.barrier()


@pytest.mark.mpi
def test_an_error_keeps_its_cause_and_elsewhere_names_its_rank(comm):
    last = comm.n_ranks - 1

    def build() -> None:
        with comm.together("outer"), comm.together("inner"):
            if comm.rank == last:
                raise NetworkError("odd") from ValueError("even")
            comm.barrier()

    with pytest.raises(NetworkError) as caught:
        build()
    cause = caught.value.__cause__
    if comm.rank == last:
        assert isinstance(cause, ValueError)
    else:
        assert str(cause) == f"raised on rank {last}"
    comm.barrier()


@pytest.mark.mpi
def test_errors_of_several_ranks(comm):
    with pytest.raises(NetworkError, match="of 0"), comm.together("building"):
        raise NetworkError(f"of {comm.rank}")
    comm.barrier()


@pytest.mark.mpi
def test_the_difference_is_named(comm):
    if comm.n_ranks == 1:
        pytest.skip("there are no other ranks")
    comm.require_same("object", lambda: [("size", "1"), ("name", "x")])
    size = "2" if comm.rank == comm.n_ranks - 1 else "1"
    with pytest.raises(UsageError) as caught:
        comm.require_same("object", lambda: [("name", "x"), ("size", size)])
    got = f"got size 1 on rank 0, 2 on rank {comm.n_ranks - 1}"
    assert str(caught.value).startswith(f"object: must be the same on all ranks, {got}. ")
    more = [("more", "1")] if comm.rank != 1 else []
    with pytest.raises(UsageError, match="got more on rank 0, none on rank 1"):
        comm.require_same("object", lambda: [("name", "x"), *more])
    comm.barrier()


def test_serial_calls():
    comm = SerialComm()
    comm.require_same("object", lambda: pytest.fail("there is nothing to compare with"))
    with pytest.raises(NetworkError), comm.together("building"):
        raise NetworkError("odd")
    with comm.communicating():
        comm.barrier()


def test_collective_functions_keep_their_names_and_find_the_communicator():
    class Own(SerialComm):
        def __init__(self):
            super().__init__()
            self.calls = []

        def together(self, call):
            self.calls.append(call)
            return super().together(call)

    class Machine:
        def __init__(self, comm):
            self.comm = comm

        @collective("playing")
        def play(self, n: int) -> int:
            """Play."""
            return n

    comm = Own()
    assert Machine(comm).play(3) == 3
    assert Machine.play.__doc__ == "Play."
    run = collective("running")(lambda x, comm=None: (x, comm))
    assert run(2, comm=comm) == (2, comm)
    assert comm.calls == ["playing", "running"]


def test_sleepers_are_woken_in_their_own_phase_only():
    import threading

    wake_up = WakeUpWords(np.zeros(N_WAKE_UP_WORDS, dtype=np.uint32))
    assert wake_up.sleep(1, lambda: False, timeout_s=0.05) is False
    threading.Timer(0.2, wake_up.wake, (2,)).start()
    assert wake_up.sleep(2, lambda: False, timeout_s=30.0) is True
    assert wake_up.sleep(3, lambda: True) is True  # looks again before it sleeps
    assert wake_up.sleep(4, lambda: False, timeout_s=0.05) is False  # woken in 2, not in 4


def test_polling_adapts_to_the_waits():
    """Long waits shorten the polling, those that polling could have covered lengthen it."""
    polling = AdaptivePolling()
    for _ in range(20):
        polling.update(3 * LONG_WAIT_NS)
    assert polling.limit_ns == MIN_POLLING_NS
    polling.update((MAX_POLLING_NS + LONG_WAIT_NS) // 2)
    assert polling.limit_ns == MIN_POLLING_NS
    for _ in range(20):
        polling.update(MAX_POLLING_NS // 2)
    assert polling.limit_ns == MAX_POLLING_NS
