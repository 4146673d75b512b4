"""The rows that hold the plastic synapses of one projection on one rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.core.delivery.paged_table import PagedTable
from distsnn.core.plastic.context import ProjectionContext
from distsnn.errors import CapacityError
from distsnn.kernels.delivery.rows import count_segments
from distsnn.kernels.formats import MAX_WORDS, NO_ROW, PLASTIC_HEADER
from distsnn.kernels.plastic.building import lay_out_plastic, place_plastic
from distsnn.kernels.plastic.visits import list_synapses
from distsnn.mapping.plan import Slice
from distsnn.network.draw import draw_delays, draw_sources

# (first target, synapses onto each of consecutive targets) -> variables of these synapses by name.
Columns = Callable[[int, np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class PlasticRows:
    """The rows of one projection on a rank; ``kernels/formats.py`` describes their bits.

    pointers: uint32 [axons], index of each axon's row in ``words``, or NO_ROW. words: uint32 [words].
    columns: variables by name, float32 [words], parallel to ``words``; "weights" is always one of them.
    longest_delay, most_back: longest delay, and longest delay between synapse and soma, in steps.
    """

    pointers: np.ndarray
    words: np.ndarray
    columns: dict[str, np.ndarray]
    n_synapses: int
    longest_delay: int
    most_back: int

    @property
    def n_bytes(self) -> int:
        """Memory of the rows, in bytes."""
        columns = sum(column.nbytes for column in self.columns.values())
        return self.pointers.nbytes + self.words.nbytes + columns

    def listed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return axon, target slot, delay in steps and index in ``words`` of each synapse.

        Delays are uint16, all else uint32.
        """
        n = self.n_synapses
        axons, slots, positions = (np.empty(n, dtype=np.uint32) for _ in range(3))
        delays = np.empty(n, dtype=np.uint16)
        list_synapses(self.pointers, self.words, axons, slots, delays, positions)
        return axons, slots, delays, positions


class RowBuilder:
    """Builds the rows of one projection, from the target population's neurons on the rank.

    first_axon, end_axon: range of the source population's axons on the rank; each has one row.
    n_rows: number of these axons. row_of_gid: number of the row of each source neuron.
    """

    def __init__(self, context: ProjectionContext) -> None:
        self.context, self.projection = context, context.projection
        self.pieces = list(context.pieces())
        # Axons are sorted by gid, so those of one population are consecutive.
        source, axon_gids = self.projection.source, context.rank.axon_gids
        gids = np.array([source.gid_start, source.gid_start + source.size])
        self.first_axon, self.end_axon = np.searchsorted(axon_gids, gids)
        self.n_rows = int(self.end_axon - self.first_axon)
        self.row_of_gid = PagedTable(context.rank.network.n_neurons)
        self.row_of_gid.number(axon_gids[self.first_axon : self.end_axon])

    def build(self, columns: Columns) -> PlasticRows:
        """Draw, count, lay out and place all synapses, with the variables that ``columns`` returns."""
        # Stage 1: count. A row has one segment per delay; a delay has one column of ``segments``.
        low, high = self.projection.delay_steps
        delays = np.arange(low, high + 1, dtype=np.int32)
        column_of_delay = np.full(high, -1, dtype=np.int32)
        column_of_delay[low - 1 :] = np.arange(delays.size, dtype=np.int32)
        back = self.projection.back_steps(delays).astype(np.int32)
        # [rows, delays]: counts of synapses, then the position of the next one to be placed
        segments = np.zeros((self.n_rows, delays.size), dtype=np.uint32)
        n_synapses = sum(self._count(piece, column_of_delay, segments) for piece, _ in self.pieces)
        n_words = n_synapses + PLASTIC_HEADER * int(np.count_nonzero(segments))
        _require_reachable(n_words)
        # Stage 2: write the headers, which fixes the start of each segment.
        words = np.empty(n_words, dtype=np.uint32)
        pointers = np.full(self.context.rank.axon_gids.size, NO_ROW, dtype=np.uint32)
        # An empty call of ``columns`` returns the names of the variables.
        values = {name: np.zeros(n_words, np.float32) for name in columns(0, np.zeros(0, np.int32))}
        own_pointers = pointers[self.first_axon : self.end_axon]
        lay_out_plastic(0, segments, delays, back, own_pointers, words, values["weights"])
        # Stage 3: draw the same synapses again and place them.
        for piece, slot in self.pieces:
            counts, positions = self._place(piece, slot, column_of_delay, segments, words)
            for name, drawn in columns(piece.start, counts).items():
                values[name][positions] = drawn
        return PlasticRows(pointers, words, values, n_synapses, high, int(back.max(initial=0)))

    def _drawn(self, piece: Slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the number of synapses onto each neuron of a slice, and their sources and delays."""
        seed = self.context.seed
        counts, sources = draw_sources(self.projection, piece.start, piece.stop, seed)
        return counts, sources, draw_delays(self.projection, piece.start, counts, seed, sources)

    def _count(self, piece: Slice, column_of_delay: np.ndarray, segments: np.ndarray) -> int:
        """Add the synapses of a slice to the counts of ``segments``; return their number."""
        _, sources, delays = self._drawn(piece)
        gid_start = self.projection.source.gid_start
        count_segments(
            gid_start, 0, sources, *self.row_of_gid.arrays, delays, column_of_delay, segments
        )
        return int(sources.size)

    def _place(
        self,
        piece: Slice,
        slot: int,
        column_of_delay: np.ndarray,
        segments: np.ndarray,
        words: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Write the synapses of a slice; return their number per neuron and their positions."""
        counts, sources, delays = self._drawn(piece)
        positions = np.empty(sources.size, dtype=np.uint32)
        gid_start = self.projection.source.gid_start
        place_plastic(
            gid_start, slot, counts, sources, *self.row_of_gid.arrays, delays, column_of_delay,
            segments, words, positions,
        )  # fmt: skip
        return counts, positions


def _require_reachable(n_words: int) -> None:
    """Raise CapacityError if a projection needs more words than a pointer can address."""
    if n_words > MAX_WORDS:
        limit = f"at most {MAX_WORDS} plastic synapses and headers of a projection"
        raise CapacityError(must_be("rank", limit, n_words, "Use more ranks."))
