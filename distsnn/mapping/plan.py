"""The plan: which core holds which neurons, and the position of that core on the chip.

A plan depends on the network, the chip and the placement, never on the number of ranks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Slice:
    """Neurons ``start .. stop - 1`` of a population, on one core from slot ``lid_start`` on."""

    population: int
    start: int
    stop: int
    block: int
    lid_start: int

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.stop - self.start


@dataclass(frozen=True)
class Plan:
    """Blocks (the neurons of one core) and their cores.

    slices: in order of block, then slot. core_of_block: int32 [n_blocks], core ids
    (y * width + x). width, height: the chip's core mesh. lid_bits: slots per core are 2^lid_bits.
    """

    slices: tuple[Slice, ...]
    core_of_block: np.ndarray
    width: int
    height: int
    lid_bits: int

    @property
    def n_cores(self) -> int:
        """Number of cores of the mesh, used or not."""
        return self.width * self.height

    @property
    def n_blocks(self) -> int:
        """Number of cores used."""
        return int(self.core_of_block.size)

    def slices_of_core(self) -> dict[int, list[Slice]]:
        """Return the slices of every used core, by core id."""
        by_core: dict[int, list[Slice]] = {}
        for piece in self.slices:
            by_core.setdefault(int(self.core_of_block[piece.block]), []).append(piece)
        return by_core

    def neurons_of_core(self, populations: Collection[int] | None = None) -> np.ndarray:
        """Return the number of neurons on each core, int64 [n_cores].

        populations: indices of the populations to count, None for all.
        """
        n = np.zeros(self.n_cores, dtype=np.int64)
        for piece in self.slices:
            if populations is None or piece.population in populations:
                n[self.core_of_block[piece.block]] += piece.size
        return n

    def pieces_of(self, population: int) -> list[Slice]:
        """Return the slices of a population, in order of its neurons."""
        own = [piece for piece in self.slices if piece.population == population]
        return sorted(own, key=lambda piece: piece.start)


class NeuronPlaces:
    """Finds the core of neurons by gid, with a table that grows with the cores only."""

    def __init__(self, plan: Plan, gid_starts: list[int]) -> None:
        # Intervals of gids, ascending; a gid is looked up by bisection.
        pieces = sorted(plan.slices, key=lambda piece: gid_starts[piece.population] + piece.start)
        starts = [gid_starts[piece.population] + piece.start for piece in pieces]
        self._starts = np.array(starts, dtype=np.int64)
        blocks = np.array([piece.block for piece in pieces], dtype=np.int64)
        self._cores = plan.core_of_block[blocks]

    def core_of(self, gids: np.ndarray) -> np.ndarray:
        """Return the core id of each gid, int32."""
        return self._cores[np.searchsorted(self._starts, gids, side="right") - 1]
