"""Roll calls, and what ranks learn from them, in shared memory and by messages."""

from __future__ import annotations

import time

import numpy as np
import pytest

from distsnn.comm import collective
from distsnn.comm.serial import SerialComm
from distsnn.comm.shared.futex import WakeUpWords
from distsnn.comm.shared.memory import LONG_WAIT_NS, MAX_POLLING_NS, MIN_POLLING_NS, AdaptivePolling
from distsnn.errors import NetworkError, UsageError
from distsnn.kernels.comm.window import N_WAKE_UP_WORDS

WAYS = ("board", "messages")


@pytest.fixture(params=WAYS)
def calls(request, comm):
    """A roll call of all ranks."""
    if comm.n_ranks == 1:
        pytest.skip("there is nobody to call")
    from distsnn.comm.handshake import Handshake

    return Handshake(
        comm.mpi_comm, request.param == "board", is_oversubscribed=comm.is_oversubscribed
    )


@pytest.mark.mpi
def test_numbers_of_all_ranks(comm, calls):
    for turn in range(50):
        calls.post(100 * turn + comm.rank)
        assert calls.wait()
        assert calls.numbers.tolist() == [100 * turn + rank for rank in range(comm.n_ranks)]


@pytest.mark.mpi
def test_who_waits_and_who_is_late(comm, calls):
    """The last rank comes 0.3 s late; the others notice that patience is over, then that it came."""
    is_late = comm.rank == comm.n_ranks - 1
    if is_late:
        time.sleep(0.3)
    calls.post(5)
    if not is_late:
        assert not calls.wait(0.05)
    assert calls.wait(30.0)
    assert (calls.numbers == 5).all()


@pytest.mark.mpi
def test_other_calls_are_refused_on_all_ranks(comm):
    if comm.n_ranks == 1:
        pytest.skip("there is nobody to differ from")
    call = comm.barrier if comm.rank == 0 else lambda: comm.sum(1)
    with pytest.raises(
        UsageError, match="must be the same, got barrier on rank 0 and sum on rank 1"
    ):
        call()
    assert comm.sum(1) == comm.n_ranks  # and all go on together


@pytest.mark.mpi
@pytest.mark.parametrize("kind", [NetworkError, ZeroDivisionError])
def test_error_of_one_rank_is_raised_on_all(comm, kind):
    """Whatever the others were about to do; also through several blocks, one in another."""
    if comm.n_ranks == 1:
        pytest.skip("there are no others")

    def build() -> None:
        with comm.together("outer"), comm.together("inner"):
            if comm.rank == comm.n_ranks - 1:
                raise kind("odd")
            comm.gather_arrays(np.zeros(3))

    with pytest.raises(kind, match="odd"):
        build()
    comm.barrier()


@pytest.mark.mpi
def test_errors_of_several_ranks(comm):
    with pytest.raises(NetworkError, match="of 0"), comm.together("building"):
        raise NetworkError(f"of {comm.rank}")
    comm.barrier()


@pytest.mark.mpi
def test_what_differs_is_named(comm):
    if comm.n_ranks == 1:
        pytest.skip("there is nobody to differ from")
    comm.require_same("thing", lambda: [("size", "1"), ("name", "x")])
    size = "2" if comm.rank == comm.n_ranks - 1 else "1"
    with pytest.raises(UsageError) as caught:
        comm.require_same("thing", lambda: [("name", "x"), ("size", size)])
    got = f"got size 1 on rank 0, 2 on rank {comm.n_ranks - 1}"
    assert str(caught.value).startswith(f"thing: must be the same on all ranks, {got}. ")
    more = [("more", "1")] if comm.rank != 1 else []
    with pytest.raises(UsageError, match="got more on rank 0, none on rank 1"):
        comm.require_same("thing", lambda: [("name", "x"), *more])
    comm.barrier()


def test_serial_calls():
    comm = SerialComm()
    comm.require_same("thing", lambda: pytest.fail("there is nothing to compare with"))
    with pytest.raises(NetworkError), comm.together("building"):
        raise NetworkError("odd")
    with comm.communicating():
        comm.barrier()


def test_marked_functions_keep_their_names_and_find_the_communicator():
    class Own(SerialComm):
        def __init__(self):
            super().__init__()
            self.done = []

        def together(self, doing):
            self.done.append(doing)
            return super().together(doing)

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
    assert comm.done == ["playing", "running"]


def test_a_bell_wakes_and_does_not_ring_for_nothing():
    import threading

    bell = WakeUpWords(np.zeros(N_WAKE_UP_WORDS, dtype=np.uint32))
    assert bell.sleep(1, lambda: False, timeout_s=0.05) is False
    threading.Timer(0.2, bell.ring, (2,)).start()
    assert bell.sleep(2, lambda: False, timeout_s=30.0) is True
    assert bell.sleep(3, lambda: True) is True  # who looks a last time sees that all have come
    assert bell.sleep(4, lambda: False, timeout_s=0.05) is False  # rung in 2, not in 4


def test_patience_follows_the_waits():
    """Long waits shorten the polling, those that polling could have covered lengthen it."""
    patience = AdaptivePolling()
    for _ in range(20):
        patience.learn(3 * LONG_WAIT_NS)
    assert patience.polling_ns == MIN_POLLING_NS
    patience.learn((MAX_POLLING_NS + LONG_WAIT_NS) // 2)
    assert patience.polling_ns == MIN_POLLING_NS
    for _ in range(20):
        patience.learn(MAX_POLLING_NS // 2)
    assert patience.polling_ns == MAX_POLLING_NS
