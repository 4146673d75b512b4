"""The stored static synapses onto one rank's neurons, in the rows that delivery reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from distsnn.checks import must_be
from distsnn.core.delivery.axon_lists import cores_of_axons, union
from distsnn.core.delivery.layout import RingLayout
from distsnn.core.delivery.paged_table import PagedTable
from distsnn.errors import CapacityError
from distsnn.kernels.delivery.rows import AT_ONCE, count_segments, lay_out_rows, place_words
from distsnn.kernels.formats import MAX_AXONS, MAX_SEGMENT, MAX_WAIT, MAX_WORDS
from distsnn.mapping.plan import Slice
from distsnn.network import Modulation, Network, Projection
from distsnn.network.draw import count_sources, draw_delays, draw_sources, draw_weights
from distsnn.network.weights.quanta import Quanta


@dataclass(frozen=True)
class SynapseTable:
    """The rows of one rank; ``kernels/formats.py`` describes their bits.

    axon_gids: uint32 [axons], source neurons, ascending; an axon id is an index into it.
    row_pointers: uint32 [groups, axons], index of each row in ``words``, or NO_ROW. words: int32.
    core_start: uint32 [axons + 1], start of each axon's entries in core (uint16, local cores that the
    axon reaches, ascending) and n_onto_core (uint32, number of its synapses there, plastic and
    computed ones included). digest: order-independent sum over the synapses in the rows.
    """

    axon_gids: np.ndarray
    row_pointers: np.ndarray
    words: np.ndarray
    core_start: np.ndarray
    core: np.ndarray
    n_onto_core: np.ndarray
    n_synapses: int
    digest: int

    @property
    def n_bytes(self) -> int:
        """Memory of the table, in bytes."""
        arrays = (self.axon_gids, self.row_pointers, self.words, self.core_start, self.core)
        return sum(array.nbytes for array in arrays) + self.n_onto_core.nbytes


@dataclass(frozen=True)
class _SliceSynapses:
    """The synapses of one projection onto one slice, which are drawn together."""

    projection: Projection
    piece: Slice
    core_local: int


class TableBuilder:
    """Builds the synapse table of a rank.

    cores: the slices on each local core. onto, modulating: projections and modulations by the index of
    their target population.
    """

    def __init__(
        self,
        network: Network,
        cores: Sequence[Sequence[Slice]],
        layout: RingLayout,
        quanta: Quanta,
    ) -> None:
        self.network = network
        self.cores = cores
        self.layout = layout
        self.quanta = quanta
        self.seed = network.seed
        self._positions = np.empty(AT_ONCE, dtype=np.uint64)
        # By projection and first neuron of a slice: quanta and lanes of weights that were set, in the
        # order of the draws.
        self.given_weights: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        self.onto: dict[int, list[Projection]] = {}
        self.modulating: dict[int, list[Modulation]] = {}
        for projection in network.projections:
            self.onto.setdefault(projection.target.index, []).append(projection)
        for modulation in network.modulations:
            target = modulation.projection.target.index
            self.modulating.setdefault(target, []).append(modulation)

    def build(self) -> SynapseTable:
        """Draw, count, lay out and place all synapses.

        Raises CapacityError if the table exceeds what the bit formats can address.
        """
        # Axon ids follow from the sources of all synapses, plastic ones and modulators included.
        by_core = [self._sources_of_core(c) for c in range(len(self.cores))]
        axon_gids = union([gids for gids, _ in by_core])
        _require_at_most(MAX_AXONS, axon_gids.size, "source neurons that reach it")
        core_start, core, n_onto_core = cores_of_axons(axon_gids, by_core)
        n_synapses = int(n_onto_core.sum(dtype=np.int64))
        del by_core
        n_groups = self.layout.n_groups(len(self.cores))
        pointers = np.empty((n_groups, axon_gids.size), dtype=np.uint32)
        words, digest = self._rows(axon_gids, n_synapses, pointers)
        return SynapseTable(
            axon_gids, pointers, words, core_start, core, n_onto_core, n_synapses, digest
        )

    def rewrite(self, table: SynapseTable) -> SynapseTable:
        """Place all synapses again with ``given_weights``; the arrays of ``table`` are kept."""
        words, digest = self._rows(table.axon_gids, table.n_synapses, table.row_pointers)
        table.words[:] = words
        return replace(table, digest=digest)

    def _rows(
        self, axon_gids: np.ndarray, n_synapses: int, pointers: np.ndarray
    ) -> tuple[np.ndarray, int]:
        """Fill in ``pointers``; return the words of all rows and the digest of their synapses."""
        row_of_gid = PagedTable(self.network.n_neurons)
        row_of_gid.number(axon_gids)
        coarse_of_column, column_of_wait = self._columns()
        n_synapses -= self._n_computed()
        max_headers = self._most_headers(n_synapses, axon_gids.size, coarse_of_column)
        _require_at_most(MAX_WORDS, n_synapses + max_headers, "synapses and headers of rows")
        # Pages of ``words`` beyond the last row are never written, so they take no memory.
        words = np.empty(n_synapses + max_headers, dtype=np.int32)
        digest = np.zeros(1, dtype=np.uint64)
        # [axons, coarse delays]: counts of synapses, then the position of the next one to be placed.
        segments = np.empty((axon_gids.size, coarse_of_column.size), dtype=np.uint32)
        end = 0
        for group, pointers_of_group in enumerate(pointers):
            # Stage 1: draw the synapses and count those of each segment.
            segments[:] = 0
            for synapses in self._pieces_of_group(group):
                self._count(synapses, row_of_gid, column_of_wait, segments)
            # Stage 2: write the headers; the counts become the position of each segment's next word.
            end = lay_out_rows(
                end, self.layout.fine_bits, segments, coarse_of_column, pointers_of_group, words
            )
            if end < 0:
                raise CapacityError(
                    must_be(
                        "synapses of one source neuron with one delay onto one ring",
                        f"at most {MAX_SEGMENT}", -1 - end, "Split the source into several.",
                    )
                )  # fmt: skip
            # Stage 3: draw the same synapses again and write each to its position.
            for synapses in self._pieces_of_group(group):
                self._place(synapses, row_of_gid, column_of_wait, segments, words, digest)
        return words[:end], int(digest[0])

    def _most_headers(self, n_synapses: int, n_axons: int, coarse_of_column: np.ndarray) -> int:
        """Return an upper bound on the number of headers, including those of empty segments."""
        # A header per segment with synapses, and chains of empty segments for waits beyond MAX_WAIT.
        n_rows = min(n_synapses, self.layout.n_groups(len(self.cores)) * n_axons)
        longest = int(coarse_of_column[-1]) << self.layout.fine_bits
        segments = min(n_synapses, n_rows * coarse_of_column.size)
        return segments + n_rows * (longest // MAX_WAIT)

    def _n_computed(self) -> int:
        """Return the number of synapses onto the rank that are computed, which rows do not hold."""
        return sum(
            int(count_sources(projection, piece.start, piece.stop, self.seed).sum(dtype=np.int64))
            for slices in self.cores
            for piece in slices
            for projection in self.onto.get(piece.population, [])
            if projection.is_computed
        )

    def _pieces_of_core(self, core_local: int) -> Iterator[_SliceSynapses]:
        for piece in self.cores[core_local]:
            for projection in self.onto.get(piece.population, []):
                yield _SliceSynapses(projection, piece, core_local)

    def _pieces_of_group(self, group: int) -> Iterator[_SliceSynapses]:
        """Yield the synapses onto a group's cores that are in the rows."""
        per_group = 1 << self.layout.core_bits
        for core_local in range(group * per_group, min(len(self.cores), (group + 1) * per_group)):
            for synapses in self._pieces_of_core(core_local):
                if _is_in_rows(synapses.projection):
                    yield synapses

    def _sources(self, synapses: _SliceSynapses) -> tuple[np.ndarray, np.ndarray]:
        return draw_sources(
            synapses.projection, synapses.piece.start, synapses.piece.stop, self.seed
        )

    def _sources_of_core(self, core_local: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the gids that reach a core, ascending, and the number of synapses of each onto it."""
        counts = PagedTable(self.network.n_neurons)
        for synapses in self._pieces_of_core(core_local):
            counts.count(self._sources(synapses)[1], synapses.projection.source.gid_start)
        return self._with_modulators(core_local, *counts.non_zero())

    def _with_modulators(
        self, core_local: int, gids: np.ndarray, n_each: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add the neurons whose spikes modulate learning on a core, as sources with 0 synapses."""
        sources = {
            modulation.source
            for piece in self.cores[core_local]
            for modulation in self.modulating.get(piece.population, [])
        }
        if not sources:
            return gids, n_each
        modulators = [
            np.arange(s.gid_start, s.gid_start + s.size, dtype=np.uint32) for s in sources
        ]
        reaching = np.unique(np.concatenate([gids, *modulators]))
        counts = np.zeros(reaching.size, dtype=n_each.dtype)
        counts[np.searchsorted(reaching, gids)] = n_each
        return reaching, counts

    def _columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the coarse delays in use, ascending, and the column of each coarse delay, or -1.

        delay - 1 = coarse << fine_bits | fine; a row has one segment, in one column, per coarse delay.
        Both int32.
        """
        fine_bits = self.layout.fine_bits
        used: set[int] = set()
        for projection in self.network.projections:
            if not _is_in_rows(projection):
                continue
            low, high = projection.delay_steps
            used.update(range((low - 1) >> fine_bits, ((high - 1) >> fine_bits) + 1))
        coarse = np.array(sorted(used) or [0], dtype=np.int32)
        column = np.full(int(coarse[-1]) + 1, -1, dtype=np.int32)
        column[coarse] = np.arange(coarse.size, dtype=np.int32)
        return coarse, column

    def _count(
        self,
        synapses: _SliceSynapses,
        row_of_gid: PagedTable,
        column: np.ndarray,
        segments: np.ndarray,
    ) -> None:
        counts, sources = self._sources(synapses)
        projection = synapses.projection
        delays = draw_delays(projection, synapses.piece.start, counts, self.seed, sources)
        gid_start = projection.source.gid_start
        fine_bits = self.layout.fine_bits
        count_segments(gid_start, fine_bits, sources, *row_of_gid.arrays, delays, column, segments)

    def _place(
        self,
        synapses: _SliceSynapses,
        row_of_gid: PagedTable,
        column: np.ndarray,
        segments: np.ndarray,
        words: np.ndarray,
        digest: np.ndarray,
    ) -> None:
        projection, piece, layout = synapses.projection, synapses.piece, self.layout
        counts, sources = self._sources(synapses)
        delays = draw_delays(projection, piece.start, counts, self.seed, sources)
        code = self.quanta.code(projection)
        given = self.given_weights.get((projection.index, piece.start))
        if given is None:
            quanta, lanes = draw_weights(projection, piece.start, counts, self.seed, code, sources)
        else:
            quanta, lanes = given
        in_group = synapses.core_local & ((1 << layout.core_bits) - 1)
        # In the order in which ``place_words`` documents them.
        geometry = np.array(
            [projection.source.gid_start, layout.fine_bits, layout.slot_shift,
             (in_group << layout.lid_bits) + piece.lid_start,
             projection.target.gid_start + piece.start, layout.lid_bits + layout.core_bits,
             segments.shape[1], projection.target.model.takes_sizes],
            dtype=np.int64,
        )  # fmt: skip
        place_words(
            geometry, counts, sources, *row_of_gid.arrays, delays, quanta, lanes,
            salts_of_lanes(self.quanta, projection.target.index), column, segments.reshape(-1), words,
            digest, self._positions,
        )  # fmt: skip


def salts_of_lanes(quanta: Quanta, population: int) -> np.ndarray:
    """Return numbers by which the digest tells the lanes of a population apart, uint64 [lanes]."""
    salts = np.zeros(quanta.n_lanes(population), dtype=np.uint64)
    # [rung | receptor + 1] << 40: they depend on a lane's place in the ladder of its receptor.
    for receptor in range(salts.size):
        for rung, lane in enumerate(quanta.ladder(population, receptor).lanes):
            if rung or lane == receptor:
                salts[lane] = ((receptor + 1) + (rung << 8)) << 40
    return salts


def _is_in_rows(projection: Projection) -> bool:
    """Return whether rows hold the synapses; plastic ones have tables of their own."""
    return projection.plasticity is None and not projection.is_computed


def _require_at_most(limit: int, number: int, counted: str) -> None:
    if number > limit:
        raise CapacityError(
            must_be("rank", f"at most {limit} {counted}", number, "Use more ranks.")
        )
