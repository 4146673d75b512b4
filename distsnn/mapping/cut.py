"""Cuts populations into blocks, one block for one core.

A neuron takes as many places of a core as its model has compartments, one if it says nothing.
"""

from __future__ import annotations

from collections import defaultdict

from distsnn.errors import CapacityError
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population


def cut(network: Network, neurons_per_core: int, n_cores: int) -> tuple[Slice, ...]:
    """Return the slices of all blocks.

    Populations with equally many patches are cut along their patches, patch k of each on the same
    core, one patch to a core where the chip has ``n_cores`` enough. The others are cut into as few
    equal pieces as fit; a piece goes to the first block that has room for it, so that small
    populations share a core.
    """
    patched: dict[int, list[Population]] = defaultdict(list)
    plain: list[Population] = []
    for population in network.populations:
        (patched[population.patches] if population.patches > 1 else plain).append(population)
    slices: list[Slice] = []
    free: list[int] = []
    for n_patches, populations in patched.items():
        least = -(-n_patches // n_cores)
        if not _cut_patches(n_patches, least, populations, neurons_per_core, slices, free):
            plain.extend(populations)
    for population in plain:
        _cut_evenly(population, neurons_per_core, slices, free)
    return tuple(sorted(slices, key=lambda piece: (piece.block, piece.lid_start)))


def _cut_patches(
    n_patches: int,
    patches_per_core: int,
    populations: list[Population],
    capacity: int,
    slices: list[Slice],
    free: list[int],
) -> bool:
    """Cut along patches; return False where a core has no room for so many patches."""
    per_patch = sum(
        population.size // n_patches * places_of(population) for population in populations
    )
    if per_patch * patches_per_core > capacity:
        return False
    for first in range(0, n_patches, patches_per_core):
        end = min(n_patches, first + patches_per_core)
        lid = 0
        for population in populations:
            size = population.size // n_patches
            piece = Slice(population.index, first * size, end * size, len(free), lid)
            slices.append(piece)
            lid += piece.size * places_of(population)
        free.append(capacity - lid)
    return True


def _cut_evenly(
    population: Population, capacity: int, slices: list[Slice], free: list[int]
) -> None:
    places = places_of(population)
    if places > capacity:
        raise CapacityError(
            f"population {population.name}: a neuron has {places} compartments, limit {capacity} "
            "of a core. Choose a chip with larger cores or smaller neurons."
        )
    n_pieces = -(-population.size // (capacity // places))
    for k in range(n_pieces):
        start = population.size * k // n_pieces
        stop = population.size * (k + 1) // n_pieces
        needed = (stop - start) * places
        block = next((b for b, room in enumerate(free) if room >= needed), len(free))
        if block == len(free):
            free.append(capacity)
        slices.append(Slice(population.index, start, stop, block, capacity - free[block]))
        free[block] -= needed


def places_of(population: Population) -> int:
    """Return how many places of a core a neuron of a population takes."""
    return int(getattr(population.model, "n_compartments", 1))


def require_blocks_fit(n_blocks: int, n_cores: int, chip_name: str, neurons_per_core: int) -> None:
    """Raise if the network needs more cores than the chip has."""
    if n_blocks > n_cores:
        raise CapacityError(
            f"network on chip {chip_name}: needs {n_blocks} cores of {neurons_per_core} neurons, "
            f"limit {n_cores}. Make the network smaller or choose a larger chip."
        )
