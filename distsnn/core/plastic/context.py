"""What plastic synapses need to know about their rank and their projection."""

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
    """What all plastic projections of a rank share.

    cores: the slices on each local core. axon_gids: uint32 [axons], source neuron of each axon,
    ascending. gid_of_slot: uint32 [slots]. ring: int32, the input rings of the rank. batch: steps
    between exchanges, and thus the most by which a packet can be late.
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
    """A plastic projection as seen by one rank.

    lane, quantum: lane and quantum of the weights; the quantum is negative if the weights are and
    the receptor takes absolute values. code: encoding of the initial weights.
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
        # ring index = [fine delay | lane | core in group | lid]
        layout = self.rank.layout
        core_bits = layout.lid_bits + layout.core_bits
        return core_bits, self.lane << core_bits, layout.slot_shift
