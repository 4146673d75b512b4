"""The synapses onto one rank's neurons, as rows that delivery reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.core.delivery.layout import RingLayout
from distsnn.core.delivery.paged_table import PagedTable
from distsnn.errors import CapacityError
from distsnn.kernels.delivery.rows import AT_ONCE, count_segments, lay_out_rows, place_words
from distsnn.kernels.formats import MAX_AXONS, MAX_SEGMENT, MAX_WAIT, MAX_WORDS
from distsnn.mapping.plan import Slice
from distsnn.network import Modulation, Network, Projection
from distsnn.network.draw import draw_delays, draw_sources, draw_weights
from distsnn.network.weights.quanta import Quanta


@dataclass(frozen=True)
class SynapseTable:
    """Rows of one rank.

    axon_gids: uint32 [axons], the source neurons, ascending; the place is the axon id.
    row_pointers: uint32 [groups, axons]. words: int32. core_start: uint32 [axons + 1] into core
    (uint16, local cores that the axon reaches, ascending) and n_onto_core (uint32, its synapses
    there). digest: a sum over all synapses, free of order.
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
        """Memory of the table."""
        arrays = (self.axon_gids, self.row_pointers, self.words, self.core_start, self.core)
        return sum(array.nbytes for array in arrays) + self.n_onto_core.nbytes


@dataclass(frozen=True)
class _Piece:
    """One projection onto one slice: what is drawn in one call."""

    projection: Projection
    piece: Slice
    core_local: int


class TableBuilder:
    """Builds the table of the given slices (lists by local core)."""

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
        self._places = np.empty(AT_ONCE, dtype=np.uint64)
        self.onto: dict[int, list[Projection]] = {}
        self.modulating: dict[int, list[Modulation]] = {}
        for projection in network.projections:
            self.onto.setdefault(projection.target.index, []).append(projection)
        for modulation in network.modulations:
            target = modulation.projection.target.index
            self.modulating.setdefault(target, []).append(modulation)

    def build(self) -> SynapseTable:
        """Draw, count, lay out and place all synapses."""
        by_core = [self._sources_of_core(c) for c in range(len(self.cores))]
        axon_gids = _union([gids for gids, _ in by_core])
        if axon_gids.size > MAX_AXONS:
            raise CapacityError(
                must_be(
                    "rank", f"at most {MAX_AXONS} source neurons that reach it", axon_gids.size,
                    "Use more ranks.",
                )
            )
        core_start, core, n_onto_core = _cores_of_axons(axon_gids, by_core)
        n_synapses = int(n_onto_core.sum(dtype=np.int64))
        del by_core
        rows = PagedTable(self.network.n_neurons)
        rows.number(axon_gids)
        coarse_of_column, column_of_wait = self._columns()
        n_groups = self.layout.n_groups(len(self.cores))
        most_headers = self._most_headers(n_synapses, axon_gids.size, coarse_of_column)
        if n_synapses + most_headers > MAX_WORDS:
            raise CapacityError(
                must_be(
                    "rank", f"at most {MAX_WORDS} synapses and headers of rows",
                    n_synapses + most_headers, "Use more ranks.",
                )
            )
        words = np.empty(n_synapses + most_headers, dtype=np.int32)
        pointers = np.empty((n_groups, axon_gids.size), dtype=np.uint32)
        digest = np.zeros(1, dtype=np.uint64)
        segments = np.empty((axon_gids.size, coarse_of_column.size), dtype=np.uint32)
        end = 0
        for group in range(n_groups):
            segments[:] = 0
            for item in self._pieces_of_group(group):
                self._count(item, rows, column_of_wait, segments)
            end = lay_out_rows(
                end, self.layout.fine_bits, segments, coarse_of_column, pointers[group], words
            )
            if end < 0:
                raise CapacityError(
                    must_be(
                        "synapses of one source neuron with one delay onto one ring",
                        f"at most {MAX_SEGMENT}", -1 - end, "Split the source into several.",
                    )
                )
            for item in self._pieces_of_group(group):
                self._place(item, rows, column_of_wait, segments, words, digest)
        return SynapseTable(
            axon_gids, pointers, words[:end], core_start, core, n_onto_core, n_synapses,
            int(digest[0]),
        )  # fmt: skip

    def _most_headers(self, n_synapses: int, n_axons: int, coarse_of_column: np.ndarray) -> int:
        """Return how many headers there are at most, those that only wait included."""
        n_rows = min(n_synapses, self.layout.n_groups(len(self.cores)) * n_axons)
        longest = int(coarse_of_column[-1]) << self.layout.fine_bits
        segments = min(n_synapses, n_rows * coarse_of_column.size)
        return segments + n_rows * (longest // MAX_WAIT)

    def _pieces_of_core(self, core_local: int) -> Iterator[_Piece]:
        for piece in self.cores[core_local]:
            for projection in self.onto.get(piece.population, []):
                yield _Piece(projection, piece, core_local)

    def _pieces_of_group(self, group: int) -> Iterator[_Piece]:
        """Return the static ones: plastic synapses lie elsewhere."""
        per_group = 1 << self.layout.core_bits
        for core_local in range(group * per_group, min(len(self.cores), (group + 1) * per_group)):
            for item in self._pieces_of_core(core_local):
                if item.projection.plasticity is None:
                    yield item

    def _sources(self, item: _Piece) -> tuple[np.ndarray, np.ndarray]:
        return draw_sources(item.projection, item.piece.start, item.piece.stop, self.seed)

    def _sources_of_core(self, core_local: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the gids that reach a core, ascending, and the synapses of each on it."""
        counts = PagedTable(self.network.n_neurons)
        for item in self._pieces_of_core(core_local):
            counts.count(self._sources(item)[1], item.projection.source.gid_start)
        return self._with_modulators(core_local, *counts.non_zero())

    def _with_modulators(
        self, core_local: int, gids: np.ndarray, n_each: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add the neurons whose spikes modulate learning on a core, though without synapses."""
        sources = {
            modulation.source
            for piece in self.cores[core_local]
            for modulation in self.modulating.get(piece.population, [])
        }
        if not sources:
            return gids, n_each
        more = [np.arange(s.gid_start, s.gid_start + s.size, dtype=np.uint32) for s in sources]
        union = np.unique(np.concatenate([gids, *more]))
        counts = np.zeros(union.size, dtype=n_each.dtype)
        counts[np.searchsorted(union, gids)] = n_each
        return union, counts

    def _columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the coarse delays that occur, and the column of each (-1: does not occur)."""
        fine_bits = self.layout.fine_bits
        used: set[int] = set()
        for projection in self.network.projections:
            if projection.plasticity is not None:
                continue
            low, high = projection.delay_steps
            used.update(range((low - 1) >> fine_bits, ((high - 1) >> fine_bits) + 1))
        coarse = np.array(sorted(used) or [0], dtype=np.int32)
        column = np.full(int(coarse[-1]) + 1, -1, dtype=np.int32)
        column[coarse] = np.arange(coarse.size, dtype=np.int32)
        return coarse, column

    def _count(
        self, item: _Piece, rows: PagedTable, column: np.ndarray, segments: np.ndarray
    ) -> None:
        counts, sources = self._sources(item)
        projection = item.projection
        delays = draw_delays(projection, item.piece.start, counts, self.seed)
        gid_start = projection.source.gid_start
        fine_bits = self.layout.fine_bits
        count_segments(gid_start, fine_bits, sources, *rows.arrays, delays, column, segments)

    def _place(
        self,
        item: _Piece,
        rows: PagedTable,
        column: np.ndarray,
        segments: np.ndarray,
        words: np.ndarray,
        digest: np.ndarray,
    ) -> None:
        projection, piece, layout = item.projection, item.piece, self.layout
        counts, sources = self._sources(item)
        delays = draw_delays(projection, piece.start, counts, self.seed)
        code = self.quanta.code(projection)
        quanta, lanes = draw_weights(projection, piece.start, counts, self.seed, code)
        in_group = item.core_local & ((1 << layout.core_bits) - 1)
        facts = np.array(
            [projection.source.gid_start, layout.fine_bits, layout.slot_shift,
             (in_group << layout.lid_bits) + piece.lid_start,
             projection.target.gid_start + piece.start, layout.lid_bits + layout.core_bits,
             segments.shape[1], projection.target.model.takes_sizes],
            dtype=np.int64,
        )  # fmt: skip
        place_words(
            facts, counts, sources, *rows.arrays, delays, quanta, lanes,
            _salts(self.quanta, projection.target.index), column, segments.reshape(-1), words,
            digest, self._places,
        )  # fmt: skip


def _salts(quanta: Quanta, population: int) -> np.ndarray:
    """Return what tells the lanes of a population apart in the digest, uint64."""
    salts = np.zeros(quanta.n_lanes(population), dtype=np.uint64)
    for receptor in range(salts.size):
        for rung, lane in enumerate(quanta.ladder(population, receptor).lanes):
            if rung or lane == receptor:
                salts[lane] = ((receptor + 1) + (rung << 8)) << 40
    return salts


def _union(lists: list[np.ndarray]) -> np.ndarray:
    filled = [gids for gids in lists if gids.size]
    if not filled:
        return np.empty(0, dtype=np.uint32)
    return np.unique(np.concatenate(filled))


def _cores_of_axons(
    axon_gids: np.ndarray, by_core: list[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn lists of axons per core into lists of cores per axon."""
    n_cores_of = np.zeros(axon_gids.size, dtype=np.int64)
    places = [np.searchsorted(axon_gids, gids) for gids, _ in by_core]
    for place in places:
        n_cores_of[place] += 1
    start = starts_of(n_cores_of)
    core = np.empty(start[-1], dtype=np.uint16)
    n_onto = np.empty(start[-1], dtype=np.uint32)
    cursor = start[:-1].astype(np.int64)
    for core_local, (place, (_, counts)) in enumerate(zip(places, by_core, strict=True)):
        at = cursor[place]
        core[at] = core_local
        n_onto[at] = counts
        cursor[place] += 1
    return start, core, n_onto


def starts_of(lengths: np.ndarray) -> np.ndarray:
    """Return where each of consecutive lists begins, and where the last one ends, uint32.

    With 32 bits the starts take less of the caches.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    if ends.size and ends[-1] > MAX_WORDS:
        limit = f"at most {MAX_WORDS} pairs of axons and cores"
        raise CapacityError(must_be("rank", limit, int(ends[-1]), "Use more ranks."))
    return np.concatenate([[0], ends]).astype(np.uint32)
