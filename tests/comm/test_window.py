"""Parts of streams in shared memory, and barriers, by kernels alone: no MPI."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.fabrics.outbox import Outbox
from distsnn.kernels.comm.barrier import (
    FLAG_STRIDE,
    N_WAKE_UP_WORDS,
    arrive,
    have_all_arrived,
    new_barrier,
)
from distsnn.kernels.comm.window import collect, has_next_part, new_state, publish

N_RANKS, HEADER = 3, 6


class Side:
    """The outbox, inbox and state of one of three ranks."""

    def __init__(self, rank: int, n_room: int, window: np.ndarray) -> None:
        self.rank, self.window = rank, window
        self.outbox = Outbox(np.arange(N_RANKS), 50)
        self.sent = np.zeros(2, dtype=np.int64)
        self.regions = np.arange(N_RANKS) * (HEADER + n_room)
        self.starts = np.zeros(N_RANKS + 1, dtype=np.int64)
        self.inbox = np.zeros(200, dtype=np.uint32)
        self.state = new_state(HEADER, n_room, window.size // 2, self.regions[rank])

    def fill(self, rng: np.random.Generator) -> list[list[int]]:
        """Put random words in all rows; return them."""
        self.outbox.counts[:] = rng.integers(0, 50, N_RANKS)
        rows = []
        for row, n in enumerate(self.outbox.counts):
            self.outbox.packets[row, :n] = rng.integers(0, 1 << 32, n, dtype=np.uint32)
            rows.append(self.outbox.packets[row, :n].tolist())
        return rows

    def publish(self, more: np.ndarray) -> int:
        box = self.outbox
        return publish(self.state, box.counts, box.packets, self.window, more, self.sent)

    def collect(self) -> int:
        rows = np.full(N_RANKS, self.rank)
        return collect(self.state, self.regions, rows, self.window, self.starts, self.inbox)


@pytest.mark.parametrize("n_room", [1, 7, 64, 1000])
def test_parts_of_any_size_arrive_in_full(n_room):
    """Three ranks publish, and each collects its rows from all parts; three exchanges."""
    rng = np.random.default_rng(n_room)
    window = np.zeros(2 * N_RANKS * (HEADER + n_room), dtype=np.uint32)
    more = np.zeros(2 * FLAG_STRIDE, dtype=np.uint32)
    sides = [Side(rank, n_room, window) for rank in range(N_RANKS)]
    n_sent = np.zeros(N_RANKS, dtype=np.int64)
    for _ in range(3):
        wanted = [side.fill(rng) for side in sides]
        n_sent += [sum(map(len, rows)) for rows in wanted]
        n_rounds, is_over = 0, False
        while not is_over:
            left = [side.publish(more) for side in sides]
            n_words = [side.collect() for side in sides]
            answers = {has_next_part(side.state, more) for side in sides}
            assert answers == {int(any(left))}  # all ranks agree
            is_over, n_rounds = not any(left), n_rounds + 1
        assert n_rounds == -(-max(sum(map(len, rows)) for rows in wanted) // n_room)
        for side in sides:
            ends = zip(side.starts[:-1], side.starts[1:], strict=True)
            received = [side.inbox[a:b].tolist() for a, b in ends]
            assert received == [rows[side.rank] for rows in wanted]
            assert n_words[side.rank] == sum(map(len, received))
            assert not side.outbox.counts.any()
    assert [int(side.sent[1]) for side in sides] == n_sent.tolist()


@pytest.mark.parametrize(("stride", "odd"), [(FLAG_STRIDE, 0), (7, 40)])
def test_a_barrier_waits_for_all_ranks(stride, odd):
    flags = np.zeros(odd + N_RANKS * stride, dtype=np.uint32)
    wake_up = np.zeros(N_WAKE_UP_WORDS, dtype=np.uint32)
    barriers = [new_barrier(rank, N_RANKS, stride, odd) for rank in range(N_RANKS)]
    arrive(barriers[0], flags, wake_up)
    arrive(barriers[1], flags, wake_up)
    assert not have_all_arrived(barriers[0], flags)
    arrive(barriers[2], flags, wake_up)
    assert have_all_arrived(barriers[0], flags)
    arrive(barriers[2], flags, wake_up)  # enters the next phase early
    assert have_all_arrived(barriers[0], flags)
    assert not have_all_arrived(barriers[2], flags)
    assert np.count_nonzero(flags) == (4 if odd else 3)


def test_the_last_rank_wakes_those_who_sleep_in_its_phase():
    """And no rank wakes others if all are awake, or if they sleep in another phase."""
    flags = np.zeros(N_RANKS * FLAG_STRIDE, dtype=np.uint32)
    wake_up = np.zeros(N_WAKE_UP_WORDS, dtype=np.uint32)
    barriers = [new_barrier(rank, N_RANKS) for rank in range(N_RANKS)]
    assert [arrive(barrier, flags, wake_up) for barrier in barriers] == [0, 0, 0]
    wake_up[0] = 2  # a rank sleeps in phase 2
    assert [arrive(barrier, flags, wake_up) for barrier in barriers] == [0, 0, 1]
    assert [arrive(barrier, flags, wake_up) for barrier in barriers] == [0, 0, 0]
    assert [arrive(barrier, flags, wake_up) for barrier in barriers] == [0, 0, 0]


def test_phases_are_counted_modulo_the_word():
    flags = np.zeros(N_RANKS * FLAG_STRIDE, dtype=np.uint32)
    barrier = new_barrier(0, N_RANKS)
    barrier[0] = 1 << 32
    flags[0::FLAG_STRIDE] = (0, 1, 0xFFFFFFFF)
    assert not have_all_arrived(barrier, flags)
    flags[2 * FLAG_STRIDE] = 0
    assert have_all_arrived(barrier, flags)
