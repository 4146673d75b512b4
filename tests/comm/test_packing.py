"""Kernels that pack and unpack packets, and the length of rows."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm.fabrics.outbox import Outbox, padded_words
from distsnn.kernels.comm.packing import pack_sections, stage, unpack_sections, unstage


def filled(rng, n_rows: int, max_packets: int) -> Outbox:
    outbox = Outbox(np.arange(n_rows), max_packets)
    outbox.counts[:] = rng.integers(0, max_packets + 1, n_rows)
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


@pytest.mark.parametrize("seed", range(5))
def test_sections_reach_the_rows_of_their_next_rank(seed):
    """Three next ranks with two, no and three rows; each section is appended to its given row."""
    rng = np.random.default_rng(seed)
    outbox = filled(rng, 5, 9)
    outbox.counts[rng.integers(5)] = 0
    before = [outbox.packets[row, :n].tolist() for row, n in enumerate(outbox.counts)]
    members = [[3, 1], [], [0, 4, 2]]
    member_start, member = np.array([0, 2, 2, 5]), np.array([3, 1, 0, 4, 2])
    counts, rows = np.zeros(3, np.int64), np.zeros((3, 40), np.uint32)
    total = pack_sections(member_start, member, outbox.counts, outbox.packets, counts, rows)
    expected = [
        [len(before[m]) for m in rows_of] + [word for m in rows_of for word in before[m]]
        for rows_of in members
    ]
    assert [rows[k, :n].tolist() for k, n in enumerate(counts)] == expected
    assert total == counts.sum() == sum(map(len, expected))
    assert not outbox.counts.any()

    received = np.array([word for row in expected for word in row], np.uint32)
    starts = np.cumsum([0, *counts])
    next_row = [1, 0, 0, 1, 1]
    out_counts, out = np.full(2, 77), np.zeros((2, 60), np.uint32)
    assert unpack_sections(
        starts, received, member_start, np.array(next_row), out_counts, out
    ) == sum(map(len, before))  # fmt: skip
    order = [3, 1, 0, 4, 2]
    dealt = [
        [word for m, row in zip(order, next_row, strict=True) if row == k for word in before[m]]
        for k in (0, 1)
    ]
    assert [out[k, :n].tolist() for k, n in enumerate(out_counts)] == dealt


@pytest.mark.parametrize("n_words", [1, 15, 16, 17, 1024, 65536])
def test_rows_are_an_odd_number_of_cache_lines(n_words):
    length = padded_words(n_words)
    assert n_words <= length < n_words + 32
    assert length % 32 == 16
