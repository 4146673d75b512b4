"""The synapses of a running network, static or plastic: read and set by projection, over all ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import MAX_FLOAT32, must_be
from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import Network, Projection
from distsnn.network.draw import draw_delays, draw_sources, draw_weights
from distsnn.running.neurons import numbers_for

SAME = 1e-4  # of the largest weight: what storing a weight may change


@dataclass(frozen=True, eq=False)
class Connections:
    """The synapses of a projection, sorted by target, then source, then delay; the same on every rank.

    pre, post: int64 [n], neurons in their populations. weights: float64 [n], in the receptor's unit.
    delays_ms: float64 [n]. n_source, n_target: sizes of the populations.
    """

    pre: np.ndarray
    post: np.ndarray
    weights: np.ndarray
    delays_ms: np.ndarray
    n_source: int
    n_target: int

    def __repr__(self) -> str:
        return f"Connections({len(self)} synapses, {self.n_source} onto {self.n_target} neurons)"

    def __len__(self) -> int:
        return int(self.pre.size)

    def in_degrees(self) -> np.ndarray:
        """Return the number of synapses onto each target, int64 [targets]."""
        return np.bincount(self.post, minlength=self.n_target)

    def out_degrees(self) -> np.ndarray:
        """Return the number of synapses from each source, int64 [sources]."""
        return np.bincount(self.pre, minlength=self.n_source)

    def matrix(self) -> np.ndarray:
        """Return the summed weights from each source onto each target, float64 [sources, targets]."""
        weights = np.zeros((self.n_source, self.n_target))
        np.add.at(weights, (self.pre, self.post), self.weights)
        return weights


def is_learning(projection: Projection) -> bool:
    """Return whether the weights of a projection change by a rule."""
    return projection.plasticity is not None and projection.plasticity.changes_weights


def require_learning(projection: Projection) -> None:
    """Raise UsageError unless the weights of a projection change by a rule."""
    if not is_learning(projection):
        limit, subject = "one that learns", "Simulation.learning: projection"
        raise UsageError(must_be(subject, limit, projection.name, "Connect it with a rule."))


@dataclass(frozen=True, eq=False)
class _Own:
    """Synapses of a projection on one rank, in the order of ``Connections``.

    positions: of plastic synapses, in their rows; of static ones, in the order of the draws. places:
    where they are among those of all ranks, int64.
    """

    pre: np.ndarray
    post: np.ndarray
    delays: np.ndarray
    positions: np.ndarray
    places: np.ndarray


class SynapseAccess:
    """Reads and sets the weights of a rank's projections. All methods are collective."""

    def __init__(self, rank: Rank, comm: Comm) -> None:
        self._rank, self._comm = rank, comm
        self._own: dict[int, _Own] = {}
        # Quanta and lanes of static weights, in the order of the draws.
        self._static: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._parts = {part.projection.index: part for part in rank.plastic.parts}

    def connections(self, projection: Projection) -> Connections:
        """Return the synapses of a projection with their weights of now."""
        own, dt_ms = self._own_of(projection), projection.dt_ms
        columns = (own.pre, own.post, own.delays)
        pre, post, delays = (self._together(column, own.places) for column in columns)
        sizes = projection.source.size, projection.target.size
        return Connections(pre, post, self.weights(projection), delays * dt_ms, *sizes)

    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights in the order of ``connections``, float64."""
        own = self._own_of(projection)
        if projection.index in self._parts:
            values = self._parts[projection.index].weights_at(own.positions)
        else:
            values = self._static_weights(projection, own)
        return self._together(values, own.places)

    def set_weights(self, projection: Projection, weights: object) -> None:
        """Set all weights of a projection: one number, or one per synapse as ``connections`` has them.

        Raises UsageError for numbers beyond the bounds that the projection was connected with.
        """
        subject = f"weights of {projection.name}"
        if projection.is_computed:
            limit, remedy = "of stored synapses", 'Connect them with synapses="stored".'
            raise UsageError(must_be(subject, limit, "computed ones", remedy))
        own = self._own_of(projection)
        n = self._comm.sum(own.places.size)
        values = numbers_for(subject, weights, n, "synapse")
        # Weights may exceed the bounds by what rounding to the stored form changes; they are clipped.
        low, high = self._bounds(projection)
        slack = max(SAME * max(abs(low), abs(high)), self._half_quantum(projection))
        if values.size and not (low - slack <= values.min() and values.max() <= high + slack):
            limit = f"from {low:g} to {high:g}, for which the projection was connected"
            remedy = "Connect it with weight_bounds that hold them."
            if is_learning(projection):
                remedy = "Give its rule such bounds."
            got = [float(values.min()), float(values.max())]
            raise UsageError(must_be(subject, limit, got, remedy))
        chosen = values[own.places]
        clipped = np.clip(chosen, low, high)
        if projection.index in self._parts:
            self._parts[projection.index].set_weights_at(own.positions, clipped)
        else:
            # A weight that stays as it is keeps its lane, which its value alone does not tell.
            is_new = chosen != self._static_weights(projection, own)
            self._set_static(projection, own.positions[is_new], clipped[is_new])

    def _half_quantum(self, projection: Projection) -> float:
        """What rounding to the coarsest lane may change of a static weight."""
        code = self._rank.quanta.code(projection)
        return 0.5 * max(code.positive.quanta[0], code.negative.quanta[0])

    def _bounds(self, projection: Projection) -> tuple[float, float]:
        low, high = projection.settable_bounds
        return max(low, -MAX_FLOAT32), min(high, MAX_FLOAT32)

    def _set_static(
        self, projection: Projection, positions: np.ndarray, weights: np.ndarray
    ) -> None:
        # Stage 1: the weights of this rank by slice, in the order in which its synapses are drawn.
        rank = self._rank
        quanta, lanes = (column.copy() for column in self._static_code(projection))
        quanta[positions], lanes[positions] = rank.quanta.code(projection).encode(weights)
        self._static[projection.index] = quanta, lanes
        at = 0
        for piece, _, _ in rank.state.slices:
            if piece.population == projection.target.index:
                counts, _ = draw_sources(projection, piece.start, piece.stop, rank.network.seed)
                part = slice(at, at + int(counts.sum(dtype=np.int64)))
                given = rank.table_builder.given_weights
                given[projection.index, piece.start] = quanta[part], lanes[part]
                at = part.stop
        # Stage 2: all rows are placed again; targets and delays are drawn as before, so only weights
        # and lanes of words change, in place.
        rank.table = rank.table_builder.rewrite(rank.table)

    def _static_weights(self, projection: Projection, own: _Own) -> np.ndarray:
        """Return the weights of static synapses on this rank, as stored: whole quanta."""
        quanta, lanes = self._static_code(projection)
        code = self._rank.quanta.code(projection)
        return code.decode(quanta[own.positions], lanes[own.positions])

    def _static_code(self, projection: Projection) -> tuple[np.ndarray, np.ndarray]:
        """Return quanta and lanes of static synapses on this rank, in the order of the draws."""
        # They are not read from the rows, where a word does not tell its projection: drawn again.
        if projection.index not in self._static:
            rank = self._rank
            seed, code = rank.network.seed, rank.quanta.code(projection)
            quanta, lanes = [np.empty(0, dtype=np.int16)], [np.empty(0, dtype=np.uint8)]
            for piece, _, _ in rank.state.slices:
                if piece.population == projection.target.index:
                    counts, _ = draw_sources(projection, piece.start, piece.stop, seed)
                    drawn = draw_weights(projection, piece.start, counts, seed, code)
                    quanta.append(drawn[0])
                    lanes.append(np.broadcast_to(drawn[1], drawn[0].shape))
            self._static[projection.index] = np.concatenate(quanta), np.concatenate(lanes)
        return self._static[projection.index]

    def _own_of(self, projection: Projection) -> _Own:
        if projection.index not in self._own:
            listed = (
                self._plastic_synapses(projection)
                if projection.index in self._parts
                else self._static_synapses(projection)
            )
            pre, post, delays, positions = listed
            # By target first: a rank owns whole targets, so its synapses are runs of the order of all.
            order = np.lexsort((delays, pre, post))
            places = self._places(post[order], projection.target.size)
            self._own[projection.index] = _Own(
                pre[order], post[order], delays[order], positions[order], places
            )
        return self._own[projection.index]

    def _places(self, post: np.ndarray, n_target: int) -> np.ndarray:
        """Return where this rank's synapses, sorted by target, are among those of all ranks."""
        # place = (synapses onto earlier targets on all ranks) + (number within its target)
        counts = np.bincount(post, minlength=n_target).astype(np.int64)
        total = self._comm.broadcast(self._comm.reduce_sum(counts.copy()))
        first = np.cumsum(total) - total  # of each target, among all
        own_first = np.cumsum(counts) - counts  # of each target, on this rank
        places: np.ndarray = first[post] + np.arange(post.size) - own_first[post]
        return places

    def _static_synapses(self, projection: Projection) -> tuple[np.ndarray, ...]:
        seed = self._rank.network.seed
        pre, post, delays = ([np.empty(0, dtype=np.int64)] for _ in range(3))
        for piece, _, _ in self._rank.state.slices:
            if piece.population == projection.target.index:
                counts, sources = draw_sources(projection, piece.start, piece.stop, seed)
                pre.append(sources.astype(np.int64))
                post.append(np.repeat(np.arange(piece.start, piece.stop), counts))
                drawn = draw_delays(projection, piece.start, counts, seed)
                delays.append(drawn.astype(np.int64))
        columns = [np.concatenate(column) for column in (pre, post, delays)]
        return (*columns, np.arange(columns[0].size))

    def _plastic_synapses(self, projection: Projection) -> tuple[np.ndarray, ...]:
        plastic = self._rank.plastic
        axons, slots, delays, positions = self._parts[projection.index].rows.listed()
        pre = plastic.rank.axon_gids[axons].astype(np.int64) - projection.source.gid_start
        post = plastic.gid_of_slot[slots].astype(np.int64) - projection.target.gid_start
        return pre, post, delays.astype(np.int64), positions.astype(np.int64)

    def _together(self, values: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return the values of all ranks in the order of places, on every rank."""
        comm = self._comm
        if comm.n_ranks == 1:
            return np.array(values)
        all_values, all_places = comm.gather_arrays(values), comm.gather_arrays(places)
        together = None
        if comm.rank == 0:
            together = np.empty(sum(part.size for part in all_values), dtype=values.dtype)
            together[np.concatenate(all_places)] = np.concatenate(all_values)
        return np.asarray(comm.broadcast(together))


def own_projection(network: Network, projection: Projection) -> Projection:
    """Return a projection of the network; UsageError otherwise."""
    if not any(own is projection for own in network.projections):
        limit = "what network.connect() returned"
        raise UsageError(must_be("Simulation: projection", limit, projection, "Give that."))
    return projection
