"""Kernels that move packets, and the shared memory that they move them through."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.fabrics.outbox import Outbox, spread
from distsnn.kernels.comm.packing import stage, unstage


def filled(rng, n_rows: int, most: int) -> Outbox:
    outbox = Outbox(np.arange(n_rows), most)
    outbox.counts[:] = rng.integers(0, most + 1, n_rows)
    for row, n in enumerate(outbox.counts):
        outbox.packets[row, :n] = rng.integers(0, 1 << 32, n, dtype=np.uint32)
    return outbox


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


@pytest.mark.parametrize("n_words", [1, 15, 16, 17, 1024, 65536])
def test_rows_are_an_odd_number_of_cache_lines(n_words):
    length = spread(n_words)
    assert n_words <= length < n_words + 32
    assert length % 32 == 16
