"""The slices on the cores of one rank and the neuron slots that they occupy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.mapping.plan import Slice
from distsnn.network import Network

Placed = tuple[Slice, int, int]  # a slice, its core on the rank, its first slot on the rank
MIN_SLOTS = 8


class Slices:
    """The slices of a rank. Iterating yields (slice, local core, first slot).

    n_flat: number of slots of the rank, 2^lid_bits per core. Slot = [local core | lid].
    """

    def __init__(
        self, network: Network, cores: Sequence[Sequence[Slice]], layout: RingLayout
    ) -> None:
        self._network = network
        self._placed: list[Placed] = [
            (piece, core, (core << layout.lid_bits) + piece.lid_start)
            for core, pieces in enumerate(cores)
            for piece in pieces
        ]
        self.n_flat = max(MIN_SLOTS, len(cores) << layout.lid_bits)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._placed)

    def __len__(self) -> int:
        return len(self._placed)

    def flat_of(self, population: int, start: int, stop: int) -> np.ndarray:
        """Return the slots, int64, of the neurons start .. stop - 1 of a population on this rank."""
        parts = [
            np.arange(max(piece.start, start), min(piece.stop, stop)) - piece.start + slot
            for piece, _, slot in self._placed
            if piece.population == population and piece.start < stop and piece.stop > start
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def flat_of_gid(self, gids: np.ndarray) -> np.ndarray:
        """Return the slots, int64 [gids], of neurons of this rank by gid."""
        if not self._placed:
            return np.empty(0, dtype=np.int64)
        first = [
            (self._network.populations[piece.population].gid_start + piece.start, slot)
            for piece, _, slot in self._placed
        ]
        starts, slots = np.array(sorted(first), dtype=np.int64).T
        at = np.searchsorted(starts, gids, side="right") - 1
        own: np.ndarray = slots[at] + (gids - starts[at])
        return own
