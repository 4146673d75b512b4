"""Kernels that move packets, and the shared memory that they move them through."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.outbox import Outbox, spread
from distsnn.kernels.packing import collect, count_arrived, publish, stage, unstage


def filled(rng, n_rows: int, most: int) -> Outbox:
    outbox = Outbox(np.arange(n_rows), most)
    outbox.counts[:] = rng.integers(0, most + 1, n_rows)
    for row, n in enumerate(outbox.counts):
        outbox.packets[row, :n] = rng.integers(0, 1 << 32, n, dtype=np.uint32)
    return outbox


@pytest.mark.parametrize("n_room", [1, 7, 64, 1000])
def test_parts_of_any_size_arrive_in_full(n_room):
    """Three ranks publish, each collects its rows; the parts are put together again."""
    rng = np.random.default_rng(n_room)
    n_ranks, n_header = 3, 5
    n_region = n_header + n_room
    boxes = [filled(rng, n_ranks, 50) for _ in range(n_ranks)]
    window = np.zeros(n_ranks * n_region, dtype=np.uint32)
    sent = np.zeros((n_ranks, 2), dtype=np.int64)
    regions = np.arange(n_ranks) * n_region
    starts = np.zeros((n_ranks, n_ranks + 1), dtype=np.int64)
    inboxes = np.zeros((n_ranks, 200), dtype=np.uint32)
    first, remaining = 0, 1
    while remaining:
        remaining = 0
        for rank, box in enumerate(boxes):
            base = int(regions[rank])
            arrays = (box.counts, box.packets, window, sent[rank])
            remaining = max(remaining, publish(base, n_header, first, n_room, *arrays))
        for rank in range(n_ranks):
            rows = np.full(n_ranks, rank)
            arrays = (regions, rows, window, starts[rank], inboxes[rank])
            collect(0, n_header, first, n_room, *arrays)
        first += n_room
    for rank in range(n_ranks):
        for source, box in enumerate(boxes):
            begin, end = starts[rank, source : source + 2]
            assert np.array_equal(inboxes[rank, begin:end], box.packets[rank, : box.counts[rank]])
    assert sent[:, 1].tolist() == [int(box.counts.sum()) for box in boxes]


def test_first_messages_carry_what_fits():
    rng = np.random.default_rng(1)
    outbox = filled(rng, 4, 20)
    outbox.counts[:] = (0, 7, 8, 20)
    eager = np.zeros((4, 8), dtype=np.uint32)
    sent, starts, n_long = np.zeros(2, np.int64), np.zeros(5, np.int64), np.zeros(1, np.int64)
    inbox = np.zeros(100, dtype=np.uint32)
    assert stage(-1, outbox.counts, outbox.packets, eager, sent) == 2
    arrays = (outbox.counts, outbox.packets, eager, starts, inbox, n_long)
    assert unstage(-1, -1, *arrays) == 35
    assert n_long[0] == 2
    assert starts.tolist() == [0, 0, 7, 15, 35]
    assert np.array_equal(inbox[:7], outbox.packets[1, :7])
    assert np.array_equal(inbox[7:14], outbox.packets[2, :7])
    assert sent.tolist() == [6, 4 * 8 + 1 + 13]


def test_own_row_is_copied_in_full():
    rng = np.random.default_rng(2)
    outbox = filled(rng, 2, 30)
    outbox.counts[:] = (30, 2)
    eager = np.zeros((1, 8), dtype=np.uint32)
    starts, n_long = np.zeros(2, np.int64), np.zeros(1, np.int64)
    inbox = np.zeros(40, dtype=np.uint32)
    arrays = (outbox.counts, outbox.packets, eager, starts, inbox, n_long)
    assert unstage(0, 0, *arrays) == 30
    assert n_long[0] == 0
    assert np.array_equal(inbox[:30], outbox.packets[0, :30])


def test_turns_are_compared_modulo_the_word():
    flags = np.zeros(3 * 16, dtype=np.uint32)
    flags[0::16] = (5, 4, 6)
    assert count_arrived(5, 3, flags) == 2
    flags[0::16] = (0xFFFFFFFF, 0, 1)
    assert count_arrived(0, 3, flags) == 2


@pytest.mark.parametrize("n_words", [1, 15, 16, 17, 1024, 65536])
def test_rows_are_an_odd_number_of_cache_lines(n_words):
    length = spread(n_words)
    assert n_words <= length < n_words + 32
    assert length % 32 == 16
