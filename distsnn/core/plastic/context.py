"""Data of the rank that plastic synapses read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Projection
from distsnn.network.weights.lanes import WeightCode


@dataclass(frozen=True)
class RankContext:
    """Data shared by all plastic projections of a rank.

    cores: slices by local core. axon_gids: uint32 [axons], sources of the rank's axons, ascending.
    gid_of_slot: uint32 [slots]. ring: int32, input rings of the rank. batch: steps between exchanges,
    by which a packet may be late.
    """

    network: Network
    cores: Sequence[Sequence[Slice]]
    layout: RingLayout
    axon_gids: np.ndarray
    gid_of_slot: np.ndarray
    ring: np.ndarray
    batch: int


@dataclass(frozen=True)
class ProjectionContext:
    """A projection with plastic synapses on a rank.

    lane, quantum: of the weights; the quantum is negative if the receptor takes the absolute values of
    negative weights. code: encoding of the initial weights.
    """

    rank: RankContext
    projection: Projection
    lane: int
    quantum: float
    code: WeightCode

    @property
    def dt_ms(self) -> float:
        """Time step of the network in ms."""
        return self.rank.network.dt_ms

    @property
    def seed(self) -> int:
        """Seed of the network."""
        return self.rank.network.seed

    def pieces(self) -> Iterator[tuple[Slice, int]]:
        """Yield the slices of the target population on the rank, each with its first slot."""
        for core, slices in enumerate(self.rank.cores):
            for piece in slices:
                if piece.population == self.projection.target.index:
                    yield piece, (core << self.rank.layout.lid_bits) + piece.lid_start

    @property
    def slots(self) -> np.ndarray:
        """Slots of the target population's neurons on the rank, int64."""
        parts = [np.arange(piece.size) + first for piece, first in self.pieces()]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    @property
    def ring_parameters(self) -> tuple[int, int, int]:
        """CORE_BITS, INDEX_START and SLOT_SHIFT of the kernels; see ``RING_PARAMETERS``."""
        layout = self.rank.layout
        core_bits = layout.lid_bits + layout.core_bits
        return core_bits, self.lane << core_bits, layout.slot_shift
