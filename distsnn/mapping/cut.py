"""Cuts populations into blocks, one block for one core.

A neuron takes as many slots of a core as its model has compartments, by default one.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import ceil

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population


def cut(network: Network, neurons_per_core: int, n_cores: int) -> tuple[Slice, ...]:
    """Return the slices of all blocks.

    Populations with equally many patches are cut along their patches, patch k of each on the same
    core, one patch to a core if the chip's ``n_cores`` suffice. Of the others, those that fit go
    whole to the first block with room for them; the rest are distributed in order over the fewest
    further blocks that hold them, all equally full.
    """
    patched: dict[int, list[Population]] = defaultdict(list)
    plain: list[Population] = []
    for population in network.populations:
        (patched[population.patches] if population.patches > 1 else plain).append(population)
    slices: list[Slice] = []
    free: list[int] = []
    for n_patches, populations in patched.items():
        # Patches per core with which the chip's cores suffice, ceil(patches / cores).
        least = -(-n_patches // n_cores)
        if not _cut_patches(n_patches, least, populations, neurons_per_core, slices, free):
            plain.extend(populations)
    for population in plain:
        require_neuron_fits(population, neurons_per_core)
    n_taken = len(free)
    # First fit into what is left of the blocks of patches.
    rest = [p for p in plain if not _place_whole(p, neurons_per_core, slices, free)]
    slices.extend(_lay_along(rest, neurons_per_core, n_taken))
    return tuple(sorted(slices, key=lambda piece: (piece.block, piece.lid_start)))


def _cut_patches(
    n_patches: int,
    patches_per_core: int,
    populations: list[Population],
    capacity: int,
    slices: list[Slice],
    free: list[int],
) -> bool:
    """Cut along patches; return False if a core has no room for that many patches."""
    per_patch = sum(
        population.size // n_patches * slots_per_neuron(population) for population in populations
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
            lid += piece.size * slots_per_neuron(population)
        free.append(capacity - lid)
    return True


def _place_whole(
    population: Population, capacity: int, slices: list[Slice], free: list[int]
) -> bool:
    """Put a population on the first block that has room for all of it, if there is one."""
    needed = population.size * slots_per_neuron(population)
    for block, room in enumerate(free):
        if room >= needed:
            slices.append(Slice(population.index, 0, population.size, block, capacity - room))
            free[block] -= needed
            return True
    return False


def _lay_along(populations: list[Population], capacity: int, first_block: int) -> list[Slice]:
    """Distribute populations in order over the fewest blocks that hold them, equally full."""
    # in cores: remaining population, content and target of the current block
    remaining = sum((_cores_of(p, p.size, capacity) for p in populations), Fraction(0))
    n_blocks = ceil(remaining)
    slices: list[Slice] = []
    block, n_used, has, goal = -1, capacity, Fraction(0), Fraction(0)
    for population in populations:
        slots, start = slots_per_neuron(population), 0
        while start < population.size:
            if has >= goal or n_used + slots > capacity:
                block, n_used, has = block + 1, 0, Fraction(0)
                # Even share of what is left, over the blocks that are left.
                goal = remaining / max(1, n_blocks - block)
            # Neurons that the block still lacks for its share, within its free slots.
            wanted = ceil((goal - has) * (capacity // slots))
            n = min(population.size - start, (capacity - n_used) // slots, wanted)
            slices.append(Slice(population.index, start, start + n, first_block + block, n_used))
            taken = _cores_of(population, n, capacity)
            start, n_used = start + n, n_used + n * slots
            has, remaining = has + taken, remaining - taken
    return slices


def _cores_of(population: Population, n: int, capacity: int) -> Fraction:
    """Return how many cores n neurons of a population fill."""
    return Fraction(n, capacity // slots_per_neuron(population))


def require_neuron_fits(population: Population, capacity: int) -> None:
    """Raise CapacityError if a neuron has more compartments than a core has slots."""
    slots = slots_per_neuron(population)
    if slots > capacity:
        limit = f"at most {capacity} compartments, which fit on a core"
        remedy = "Choose a chip with larger cores or smaller neurons."
        raise CapacityError(must_be(f"population {population.name}: neuron", limit, slots, remedy))


def slots_per_neuron(population: Population) -> int:
    """Return the number of slots of a core that a neuron of a population takes."""
    return population.model.n_compartments


def require_blocks_fit(n_blocks: int, n_cores: int, chip_name: str, neurons_per_core: int) -> None:
    """Raise if the network needs more cores than the chip has."""
    if n_blocks > n_cores:
        limit = f"on at most {n_cores} cores of {neurons_per_core} neurons"
        remedy = "Make the network smaller or choose a larger chip."
        raise CapacityError(must_be(f"network on chip {chip_name}", limit, n_blocks, remedy))
