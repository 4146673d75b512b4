"""Cuts populations into blocks that use every limit of a core, not the number of neurons alone.

Synapses are drawn for this, window by window of targets. Draws depend on the seed alone, so that each
rank comes to the same blocks.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from distsnn.checks import instance, must_be
from distsnn.chip import Chip
from distsnn.errors import CapacityError
from distsnn.mapping.cut import require_neuron_fits, slots_per_neuron
from distsnn.mapping.incoming import Block, Incoming, Run
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population

FIRST_WINDOW = 32  # neurons
REMEDY = "Choose a chip with larger cores, or give the neuron fewer synapses."


def cut_to_limits(network: Network, chip: Chip, neurons_per_core: int) -> tuple[Slice, ...]:
    """Return the slices of all blocks, none of which exceeds a limit of a core.

    Neurons are taken in order, as many to a block as its limits allow; patches stay whole if they
    fit. Blocks with too many outgoing axons are then divided. Raises CapacityError for a neuron
    that no core can hold.
    """
    incoming = Incoming(network, chip)
    blocks = [Block()]
    for population in network.populations:
        require_neuron_fits(population, neurons_per_core)
        fill(incoming, blocks, population, neurons_per_core)
    return slices_of(incoming, blocks)


def fill(incoming: Incoming, blocks: list[Block], population: Population, capacity: int) -> None:
    """Put the neurons of a population, in order, on the last of the blocks and on further ones."""
    start = 0
    while start < population.size:
        block = _filled(incoming, blocks[-1], population, start, capacity)
        if block is not None:
            blocks[-1] = block
            start = block.runs[-1][2]
        if start < population.size:
            blocks.append(Block())
            require_cores(incoming.chip, blocks)


def slices_of(incoming: Incoming, blocks: list[Block]) -> tuple[Slice, ...]:
    """Return the slices of all blocks, after those with too many outgoing axons are divided."""
    slices = []
    for number, block in enumerate(_divided(incoming, blocks)):
        lid = 0
        for index, start, stop in block.runs:
            slices.append(Slice(index, start, stop, number, lid))
            lid += (stop - start) * slots_per_neuron(incoming.network.populations[index])
    return tuple(slices)


def _filled(
    incoming: Incoming, block: Block, population: Population, start: int, capacity: int
) -> Block | None:
    """Return ``block`` with as many neurons from ``start`` on as fit, None if there is no room."""
    room = (capacity - block.n_slots) // slots_per_neuron(population)
    n_most = min(population.size - start, room)

    def with_first(n: int) -> Block:
        runs = [(population.index, start, start + n)]
        return incoming.extended(block, runs, gids[: ends[n - 1]], own[: ends[n - 1]])

    # Few neurons are drawn first, and four times as many as long as all of them fit.
    window = min(n_most, FIRST_WINDOW)
    gids, own, ends = incoming.sources_onto((population.index, start, start + window))
    while window < n_most and incoming.exceeded(with_first(window)) is None:
        window = min(n_most, 4 * window)
        gids, own, ends = incoming.sources_onto((population.index, start, start + window))
    # Bisection for the largest n that fits: every amount grows with n.
    fits, too_many = 0, window + 1
    n = window
    while too_many - fits > 1:
        if incoming.exceeded(with_first(n)) is None:
            fits = n
        else:
            too_many = n
        n = (fits + too_many) // 2
    fits = _whole_patches(population, start, fits)
    if fits:
        return with_first(fits)
    if not block.runs:
        _refuse(incoming, population, start, incoming.exceeded(with_first(1)))
    return None


def _whole_patches(population: Population, start: int, n: int) -> int:
    """Return n, less the neurons of a last patch that is cut, unless nothing would be left."""
    size = population.size // population.patches
    if population.patches == 1 or start + n == population.size:
        return n
    return (start + n) // size * size - start if (start + n) // size * size > start else n


def _refuse(
    incoming: Incoming, population: Population, neuron: int, excess: tuple[str, int, int] | None
) -> None:
    if excess is not None:
        name, limit, got = excess
        subject = f"population {population.name}: neuron {neuron} on chip {incoming.chip.name}"
        raise CapacityError(must_be(subject, f"at most {limit} {name}", got, REMEDY))


def _divided(incoming: Incoming, blocks: list[Block]) -> list[Block]:
    """Divide blocks until none has too many outgoing axons."""
    limit = incoming.chip.limits.axons_out_per_core
    if limit is None:
        return blocks
    while True:
        # Axons out of a neuron: blocks that it reaches, of which a division makes more.
        n_out = np.zeros(incoming.network.n_neurons, np.int64)
        for block in blocks:
            n_out[block.gids] += 1
        divided: list[Block] = []
        for block in blocks:
            parts = _parts(incoming, block.runs, n_out, limit)
            divided.extend([block] if len(parts) == 1 else map(incoming.of_runs, parts))
        if len(divided) == len(blocks):
            return blocks
        blocks = divided
        require_cores(incoming.chip, blocks)


def require_cores(chip: Chip, blocks: list[Block]) -> None:
    """Raise CapacityError if there are more blocks than the chip has cores."""
    if len(blocks) > chip.n_cores:
        limit = f"on at most {chip.n_cores} cores within all limits"
        remedy = "Make the network smaller or sparser, or choose a larger chip."
        raise CapacityError(must_be(f"network on chip {chip.name}", limit, len(blocks), remedy))


def _parts(incoming: Incoming, runs: list[Run], n_out: np.ndarray, limit: int) -> list[list[Run]]:
    """Divide the neurons of a block, in order, into parts of about equally many axons out."""
    populations = incoming.network.populations
    starts = [populations[index].gid_start for index, _, _ in runs]
    own = np.concatenate(
        [
            n_out[gid + start : gid + stop]
            for gid, (_, start, stop) in zip(starts, runs, strict=True)
        ]
    )
    if own.max() > limit:
        sizes = np.cumsum([stop - first for _, first, stop in runs])
        worst = int(own.argmax())
        k = int(np.searchsorted(sizes, worst, side="right"))
        index, start, stop = runs[k]
        neuron = start + worst - int(sizes[k] - (stop - start))
        _refuse(incoming, populations[index], neuron, ("axons out", limit, int(own.max())))
    n_parts = -(-int(own.sum()) // limit)
    if n_parts <= 1:
        return [runs]
    # Part of a neuron: the share of the axons out before the middle of its own.
    part = ((np.cumsum(own) - own / 2) * n_parts / own.sum()).astype(np.int64)
    parts: list[list[Run]] = [[] for _ in range(n_parts)]
    begin = 0
    for index, start, stop in runs:
        of_run = part[begin : begin + stop - start]
        bounds = start + np.searchsorted(of_run, np.arange(n_parts + 1))
        for k, (first, end) in enumerate(pairwise(bounds)):
            if end > first:
                parts[k].append((index, int(first), int(end)))
        begin += stop - start
    return [runs_of_part for runs_of_part in parts if runs_of_part]


def least_cores(network: Network, chip: Chip) -> dict[str, int]:
    """Return how many cores a network needs at least by each limit of a chip; no cut needs fewer.

    Keys: "neurons", and "axons in", "axons out" and "synapse bits" if the chip limits them.
    Synapses are drawn. Raises UsageError for other arguments.
    """
    instance("least_cores: network", network, Network)
    instance("least_cores: chip", chip, Chip)
    incoming, limits = Incoming(network, chip), chip.limits
    is_source = np.zeros(network.n_neurons, bool)
    n_slots = n_weights = 0
    for population in network.populations:
        n_slots += population.size * slots_per_neuron(population)
        for start in range(0, population.size, limits.neurons_per_core):
            stop = min(population.size, start + limits.neurons_per_core)
            gids, own, _ = incoming.sources_onto((population.index, start, stop))
            is_source[gids] = True
            n_weights += int(own.sum())
    everything = [(p.index, 0, p.size) for p in network.populations]
    n_weights += int(incoming.shared_weights(everything).sum())
    # Each neuron with a target is an axon of one core at least, at both ends.
    n_axons = int(is_source.sum())
    needed = {"neurons": (n_slots, limits.neurons_per_core)}
    if limits.axons_in_per_core is not None:
        needed["axons in"] = (n_axons, limits.axons_in_per_core)
    if limits.axons_out_per_core is not None:
        needed["axons out"] = (n_axons, limits.axons_out_per_core)
    if chip.synapse is not None and limits.synapse_bits_per_core is not None:
        # Fewest bits per weight: those of the best filled block of synapses.
        lengths = np.arange(1, chip.synapse.block_synapses + 1)
        has_delays = any(p.delay_steps[1] > 1 for p in network.projections)
        bits = chip.synapse.bits(lengths, lengths, has_delays=has_delays)
        per_weight = (bits / lengths).min()
        needed["synapse bits"] = (int(n_weights * per_weight), limits.synapse_bits_per_core)
    return {name: -(-amount // limit) for name, (amount, limit) in needed.items()}
