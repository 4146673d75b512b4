"""The plastic synapses of one projection on one rank: built from the network, listed for results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.core.delivery.paged_table import PagedTable
from distsnn.errors import CapacityError
from distsnn.kernels.delivery.rows import count_segments
from distsnn.kernels.formats import MAX_WORDS, NO_ROW
from distsnn.kernels.plastic.rows import (
    N_HEADER,
    lay_out_plastic,
    list_synapses,
    place_plastic,
)
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Projection
from distsnn.network.draw import draw_delays, draw_sources

# Values of each synapse onto consecutive targets, by name: (projection, first target, counts).
Columns = Callable[[int, np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class PlasticRows:
    """Rows of a rank; see ``kernels/plastic/rows.py``.

    pointers: uint32 [axons]. words: uint32 [n]. columns: by name, float32 [n], in parallel with
    words; "weights" is one of them. most_back: the longest part of a delay behind the synapse.
    """

    pointers: np.ndarray
    words: np.ndarray
    columns: dict[str, np.ndarray]
    n_synapses: int
    longest_delay: int
    most_back: int

    @property
    def n_bytes(self) -> int:
        """Memory of the rows."""
        columns = sum(column.nbytes for column in self.columns.values())
        return self.pointers.nbytes + self.words.nbytes + columns

    def listed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return axon (uint32), target slot (uint32), delay (uint16) and place of each synapse."""
        n = self.n_synapses
        axons, slots, places = (np.empty(n, dtype=np.uint32) for _ in range(3))
        delays = np.empty(n, dtype=np.uint16)
        list_synapses(self.pointers, self.words, axons, slots, delays, places)
        return axons, slots, delays, places


class RowBuilder:
    """Builds the rows of one projection onto the given slices (lists by local core)."""

    def __init__(
        self,
        network: Network,
        projection: Projection,
        cores: Sequence[Sequence[Slice]],
        lid_bits: int,
        axon_gids: np.ndarray,
    ) -> None:
        self.projection, self.seed = projection, network.seed
        self.pieces = list(self._pieces(cores, lid_bits))
        source = projection.source
        ends = np.array([source.gid_start, source.gid_start + source.size])
        self.first_axon, self.end_axon = np.searchsorted(axon_gids, ends)
        self.n_axons = axon_gids.size
        self.rows = PagedTable(network.n_neurons)
        self.rows.number(axon_gids[self.first_axon : self.end_axon])

    @property
    def n_rows(self) -> int:
        """The source population's axons on the rank."""
        return int(self.end_axon - self.first_axon)

    def _pieces(
        self, cores: Sequence[Sequence[Slice]], lid_bits: int
    ) -> Iterator[tuple[Slice, int]]:
        for core_local, slices in enumerate(cores):
            for piece in slices:
                if piece.population == self.projection.target.index:
                    yield piece, (core_local << lid_bits) + piece.lid_start

    def build(self, columns: Columns) -> PlasticRows:
        """Draw, count, lay out and place all synapses; ``columns`` gives their values."""
        low, high = self.projection.delay_steps
        delays = np.arange(low, high + 1, dtype=np.int32)
        column = np.full(high, -1, dtype=np.int32)
        column[low - 1 :] = np.arange(delays.size, dtype=np.int32)
        back = self.projection.back_steps(delays).astype(np.int32)
        segments = np.zeros((self.n_rows, delays.size), dtype=np.uint32)
        n_synapses = sum(self._count(piece, column, segments) for piece, _ in self.pieces)
        n_words = n_synapses + N_HEADER * int(np.count_nonzero(segments))
        if n_words > MAX_WORDS:
            raise CapacityError(
                must_be(
                    "rank", f"at most {MAX_WORDS} plastic synapses and headers of a projection",
                    n_words, "Use more ranks.",
                )
            )
        words = np.empty(n_words, dtype=np.uint32)
        pointers = np.full(self.n_axons, NO_ROW, dtype=np.uint32)
        values = {name: np.zeros(n_words, np.float32) for name in columns(0, np.zeros(0, np.int32))}
        own = pointers[self.first_axon : self.end_axon]
        lay_out_plastic(0, segments, delays, back, own, words, values["weights"])
        for piece, slot in self.pieces:
            self._place(piece, slot, column, segments, words, columns, values)
        return PlasticRows(pointers, words, values, n_synapses, high, int(back.max(initial=0)))

    def _drawn(self, piece: Slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        counts, sources = draw_sources(self.projection, piece.start, piece.stop, self.seed)
        return counts, sources, draw_delays(self.projection, piece.start, counts, self.seed)

    def _count(self, piece: Slice, column: np.ndarray, segments: np.ndarray) -> int:
        _, sources, delays = self._drawn(piece)
        gid_start = self.projection.source.gid_start
        count_segments(gid_start, 0, sources, *self.rows.arrays, delays, column, segments)
        return int(sources.size)

    def _place(
        self,
        piece: Slice,
        slot: int,
        column: np.ndarray,
        segments: np.ndarray,
        words: np.ndarray,
        columns: Columns,
        values: dict[str, np.ndarray],
    ) -> None:
        counts, sources, delays = self._drawn(piece)
        places = np.empty(sources.size, dtype=np.uint32)
        gid_start = self.projection.source.gid_start
        place_plastic(
            gid_start, slot, counts, sources, *self.rows.arrays, delays, column, segments, words,
            places,
        )  # fmt: skip
        for name, drawn in columns(piece.start, counts).items():
            values[name][places] = drawn
