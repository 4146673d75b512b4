"""Assignment of the cores of a mapped network to ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.chip import Chip
from distsnn.mapping.plan import Plan, Slice
from distsnn.network import Network


@dataclass(frozen=True, eq=False)
class Partition:
    """How the cores of a mapped network are divided among the ranks; identical on all ranks.

    rank_of_core: int32 [cores of the chip], the rank that owns each core. grid: ranks along x and y.
    batch: number of steps between two exchanges of packets.
    """

    network: Network
    chip: Chip
    plan: Plan
    rank_of_core: np.ndarray
    grid: tuple[int, int]
    batch: int

    def cores_of(self, rank: int) -> tuple[np.ndarray, list[list[Slice]]]:
        """Return the ids of a rank's occupied cores, int32 [cores], and the slices on each of them."""
        # Empty cores have an owner too, but take part in nothing.
        slices_of_core = self.plan.slices_of_core()
        occupied = [
            core_id
            for core_id in np.flatnonzero(self.rank_of_core == rank)
            if int(core_id) in slices_of_core
        ]
        return np.array(occupied, dtype=np.int32), [
            slices_of_core[int(core_id)] for core_id in occupied
        ]
