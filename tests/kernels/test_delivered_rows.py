"""Rows of synapses, laid out and delivered, against a dictionary of synapses and their delays.

Synapses of a few source neurons onto the neurons of two cores that share a ring; delays of all sizes,
so that rows have many segments, wait in the calendar, and wait longer than one header can say.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from distsnn.kernels.delivery.deliver import deliver
from distsnn.kernels.delivery.rows import (
    AT_ONCE,
    count_segments,
    count_sources,
    lay_out_rows,
    place_words,
)
from distsnn.kernels.formats import NO_ROW

GID_START, N_SOURCES, N_TARGETS, LID_BITS, CORE_BITS = 1500, 40, 16, 3, 1
SHIFT = LID_BITS + CORE_BITS  # one lane


class Table:
    """The synapses of N_SOURCES neurons from GID_START on, in rows."""

    def __init__(self, rng: np.random.Generator, fine_bits: int, delays: np.ndarray) -> None:
        self.fine_bits = fine_bits
        self.counts = rng.integers(0, 40, N_TARGETS).astype(np.int32)
        n = int(self.counts.sum())
        self.sources = rng.integers(0, N_SOURCES - 1, n).astype(np.uint32)  # the last has none
        self.delays = rng.choice(delays, n).astype(np.uint16)
        self.quanta = rng.integers(-30000, 30000, n).astype(np.int16)
        self._count()
        self._place()

    def _count(self) -> None:
        page_of, used = np.full(3, -1, np.int32), np.zeros(1, np.int64)
        pages = np.zeros((3, 1024), np.uint32)
        assert count_sources(0, GID_START, self.sources, page_of, pages, used) == self.sources.size
        gids = GID_START + self.sources.astype(np.int64)
        for gid in range(GID_START, GID_START + N_SOURCES):
            page = page_of[gid >> 10]
            assert (pages[page, gid & 1023] if page >= 0 else 0) == (gids == gid).sum()
        assert used[0] == np.unique(gids >> 10).size
        for gid in range(GID_START, GID_START + N_SOURCES):  # now the row of each
            pages[page_of[gid >> 10], gid & 1023] = gid - GID_START
        self.page_of, self.pages = page_of, pages
        coarse = np.unique((self.delays.astype(np.int64) - 1) >> self.fine_bits)
        self.column_of_wait = np.full(int(coarse[-1]) + 1, -1, np.int32)
        self.column_of_wait[coarse] = np.arange(coarse.size)
        self.segments = np.zeros((N_SOURCES, coarse.size), np.uint32)
        self.coarse = coarse.astype(np.int32)
        count_segments(
            GID_START, self.fine_bits, self.sources, page_of, pages, self.delays,
            self.column_of_wait, self.segments,
        )  # fmt: skip

    def _place(self) -> None:
        self.pointers = np.empty(N_SOURCES, np.uint32)
        self.words = np.full(20_000, 2**31 - 1, np.int32)
        self.end = lay_out_rows(
            0, self.fine_bits, self.segments, self.coarse, self.pointers, self.words
        )
        facts = np.array([GID_START, self.fine_bits, SHIFT, 0, 0, 31, self.coarse.size, 0])
        place_words(
            facts, self.counts, self.sources, self.page_of, self.pages, self.delays, self.quanta,
            np.zeros(1, np.uint8), np.zeros(1, np.uint64), self.column_of_wait,
            self.segments.reshape(-1), self.words, np.zeros(1, np.uint64),
            np.zeros(AT_ONCE, np.uint64),
        )  # fmt: skip

    def by_source(self) -> dict[int, list[tuple[int, int, int]]]:
        """Return (target, delay, weight) of the synapses of each source."""
        targets = np.repeat(np.arange(N_TARGETS), self.counts)
        found = defaultdict(list)
        columns = (self.sources, targets, self.delays, self.quanta)
        for source, *synapse in zip(*(column.tolist() for column in columns), strict=True):
            found[source].append(tuple(synapse))
        return found


CASES = {
    "one segment": (4, [1, 2, 7, 16]),
    "no fine delays": (0, [1, 2, 3, 30]),
    "beyond 80 steps": (3, [*range(1, 9), 81, 82, 100, 250, 255]),
    "the longest": (2, [1, 8190, 8191, 8192, 8193, 16390, 40000, 65535]),
}


@pytest.mark.parametrize("name", CASES)
def test_every_synapse_arrives_once_after_its_delay(name):
    fine_bits, delays = CASES[name]
    rng = np.random.default_rng(len(name))
    table = Table(rng, fine_bits, np.array(delays))
    assert table.pointers[N_SOURCES - 1] == NO_ROW
    n_slots, size = 1 << fine_bits, 1 << (SHIFT + fine_bits)
    ring = np.zeros(size, np.int32)
    length = 1 << (min(max(delays), 8191) + 4).bit_length()
    calendar, waiting = np.zeros((length, 200), np.uint32), np.zeros((1, length), np.int64)
    synapses = table.by_source()
    expected: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    n_arrived = 0
    batch = 3
    late: list[tuple[int, int]] = []  # of the batch before: step within it, source
    for t in range(60 + max(delays)):
        own = rng.integers(0, N_SOURCES, rng.integers(0, 3)).astype(np.uint32)
        own = own if 0 < t < 50 else own[:0]  # spiked at t - 1
        received = np.zeros(0, np.uint32)
        if t and t % batch == 0:
            received = np.array([a | s << 26 for s, a in late if t < 50], np.uint32)
            late = [(s, int(rng.integers(0, N_SOURCES))) for s in range(batch)]
        for source in own.tolist():
            for target, delay, weight in synapses[source]:
                expected[t - 1 + delay][target] += weight
        # Packets may only carry what is due after their batch.
        assert deliver(
            t, t - batch, own.size, 0, SHIFT, own, received, table.pointers[None], table.words,
            ring, calendar, waiting,
        ) == 0  # fmt: skip
        slot = (t % n_slots) << SHIFT
        got = {k: int(v) for k, v in enumerate(ring[slot : slot + N_TARGETS]) if v}
        ring[slot : slot + N_TARGETS] = 0
        assert got == {k: v for k, v in expected.pop(t, {}).items() if v}, t
        n_arrived += len(got)
    assert n_arrived > 100
    assert not expected
    assert not waiting.any()
    assert not ring.any()


def test_received_packets_count_from_the_step_that_sent_them():
    rng = np.random.default_rng(3)
    table = Table(rng, 3, np.array([4, 5, 9, 30, 100]))
    synapses = table.by_source()
    ring, length = np.zeros(1 << (SHIFT + 3), np.int32), 128
    calendar, waiting = np.zeros((length, 200), np.uint32), np.zeros((1, length), np.int64)
    batch, sent = 4, {}
    expected: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for t in range(160):
        received = np.zeros(0, np.uint32)
        if t % batch == 0 and 0 < t < 40:
            sent = [(int(s), int(a)) for s in range(batch) for a in rng.integers(0, N_SOURCES, 2)]
            received = np.array([axon | step << 26 for step, axon in sent], np.uint32)
            for step, axon in sent:
                for target, delay, weight in synapses[axon]:
                    expected[t - batch + step + delay][target] += weight
        assert deliver(
            t, t - batch, 0, received.size, SHIFT, np.zeros(1, np.uint32), received,
            table.pointers[None], table.words, ring, calendar, waiting,
        ) == 0  # fmt: skip
        slot = (t % 8) << SHIFT
        got = {k: int(v) for k, v in enumerate(ring[slot : slot + N_TARGETS]) if v}
        ring[slot : slot + N_TARGETS] = 0
        assert got == {k: v for k, v in expected.pop(t, {}).items() if v}, t
    assert not expected
    assert not waiting.any()


def test_a_full_calendar_changes_nothing():
    table = Table(np.random.default_rng(5), 2, np.array([50, 60]))
    ring = np.zeros(1 << (SHIFT + 2), np.int32)
    calendar, waiting = np.zeros((64, 3), np.uint32), np.zeros((1, 64), np.int64)
    own = np.arange(4, dtype=np.uint32)
    needed = deliver(
        1, 0, own.size, 0, SHIFT, own, own, table.pointers[None], table.words, ring, calendar,
        waiting,
    )  # fmt: skip
    assert needed == 4
    assert not waiting.any()
    assert not ring.any()


def test_a_segment_too_long_for_its_header_is_refused():
    segments = np.array([[2**18]], np.uint32)
    words, pointers = np.zeros(4, np.int32), np.zeros(1, np.uint32)
    assert lay_out_rows(0, 0, segments, np.zeros(1, np.int32), pointers, words) == -1 - 2**18
