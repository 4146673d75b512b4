"""The slices on the cores of one rank and the slots that their neurons occupy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.mapping.plan import Slice
from distsnn.network import Network

Placed = tuple[Slice, int, int]  # a slice, its core on the rank, its first slot on the rank
MIN_SLOTS = 8


class Slices:
    """The slices of a rank. Iteration yields (slice, local core, first slot).

    A slot is [local core | lid], so each core has 2^lid_bits of them, occupied or not. n_flat: number
    of slots of the rank.
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
        # At least 8, since ``collect_spikes`` reads the flags of 8 slots at a time.
        self.n_flat = max(MIN_SLOTS, len(cores) << layout.lid_bits)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._placed)

    def __len__(self) -> int:
        return len(self._placed)

    def flat_of(self, population: int, start: int, stop: int) -> np.ndarray:
        """Return the slots of neurons start .. stop - 1 of a population that this rank owns, int64."""
        parts = [
            np.arange(max(piece.start, start), min(piece.stop, stop)) - piece.start + slot
            for piece, _, slot in self._placed
            if piece.population == population and piece.start < stop and piece.stop > start
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def flat_of_gid(self, gids: np.ndarray) -> np.ndarray:
        """Return the slot of each gid, int64 [gids]; all of them must belong to this rank."""
        if not self._placed:
            return np.empty(0, dtype=np.int64)
        # Within a slice, gids and slots are both consecutive: slot - first slot = gid - first gid.
        first_gid_and_slot = [
            (self._network.populations[piece.population].gid_start + piece.start, slot)
            for piece, _, slot in self._placed
        ]
        starts, slots = np.array(sorted(first_gid_and_slot), dtype=np.int64).T
        slice_of_gid = np.searchsorted(starts, gids, side="right") - 1
        slot_of_each: np.ndarray = slots[slice_of_gid] + (gids - starts[slice_of_gid])
        return slot_of_each
