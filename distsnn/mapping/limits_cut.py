"""Cuts populations into blocks that use every limit of a core, not the number of neurons alone.

Synapses are drawn for this, window by window of targets. Draws depend on the seed alone, so that each
rank comes to the same blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from distsnn.checks import instance, must_be
from distsnn.chip import Chip
from distsnn.errors import CapacityError
from distsnn.mapping.cut import require_neuron_fits, slots_per_neuron
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population
from distsnn.network.draw import draw_sources

Run = tuple[int, int, int]  # population, first neuron, end
FIRST_WINDOW = 32  # neurons
REMEDY = "Choose a chip with larger cores, or give the neuron fewer synapses."


@dataclass
class Block:
    """Neurons of one core and the axons that reach them.

    gids: int64, ascending, sources of the axons. n_each: int64, stored synapses of each axon, 0 for
    one that only modulates or whose synapses are computed. n_slots, n_neurons: with and without input
    lines; compartments count as slots. n_entries: numbers from which synapses are computed.
    """

    runs: list[Run] = field(default_factory=list)
    gids: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    n_each: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    n_slots: int = 0
    n_neurons: int = 0
    n_entries: int = 0


class Incoming:
    """Draws the synapses onto neurons of a network and counts what they take of a core."""

    def __init__(self, network: Network, chip: Chip) -> None:
        self.network, self.chip = network, chip
        self._has_delays = any(p.delay_steps[1] > 1 for p in network.projections)

    def sources_onto(self, run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the synapses onto ``run`` and the end of each target's.

        gids of the sources, int64 [synapses], in order of the targets; whether the synapse is stored,
        int64 [synapses]; and int64 [targets].
        """
        population, start, stop = run
        gids, stored = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        counts = np.zeros((0, stop - start), np.int64)
        for projection in self.network.projections:
            if projection.target.index == population:
                n_each, sources = draw_sources(projection, start, stop, self.network.seed)
                gids.append(sources.astype(np.int64) + projection.source.gid_start)
                stored.append(np.full(sources.size, int(not projection.is_computed)))
                counts = np.vstack([counts, n_each])
        target = np.tile(np.arange(stop - start), counts.shape[0])
        order = np.argsort(np.repeat(target, counts.ravel()), kind="stable")
        ends = np.cumsum(counts.sum(axis=0))
        return np.concatenate(gids)[order], np.concatenate(stored)[order], ends

    def entries_onto(self, run: Run) -> int:
        """Return how many numbers a core with the neurons of ``run`` keeps of computed synapses."""
        population, start, stop = run
        return sum(
            projection.n_entries(start, stop)
            for projection in self.network.projections
            if projection.target.index == population
        )

    def modulators(self, population: int) -> np.ndarray:
        """Return gids of the neurons whose spikes modulate synapses onto a population, int64."""
        sources = [
            modulation.source
            for modulation in self.network.modulations
            if modulation.projection.target.index == population
        ]
        ranges = [np.arange(s.gid_start, s.gid_start + s.size) for s in sources]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *ranges]))

    def extended(self, block: Block, run: Run, gids: np.ndarray, stored: np.ndarray) -> Block:
        """Return a block with the neurons of ``run`` added; gids, stored: see ``sources_onto``."""
        population = self.network.populations[run[0]]
        # Axons of the block with their synapses so far, new synapses with 1, modulators with 0.
        modulators = self.modulators(run[0])
        all_gids = np.concatenate([block.gids, gids, modulators])
        n_each = np.concatenate([block.n_each, stored, np.zeros_like(modulators)])
        unique, axon = np.unique(all_gids, return_inverse=True)
        n = run[2] - run[1]
        return Block(
            [*block.runs, run], unique,
            np.bincount(axon, n_each, unique.size).astype(np.int64),
            block.n_slots + n * slots_per_neuron(population),
            block.n_neurons + n * (not population.model.is_source),
            block.n_entries + self.entries_onto(run),
        )  # fmt: skip

    def of_runs(self, runs: list[Run]) -> Block:
        """Return the block of some neurons."""
        block = Block()
        for run in runs:
            block = self.extended(block, run, *self.sources_onto(run)[:2])
        return block

    def exceeded(self, block: Block) -> tuple[str, int, int] | None:
        """Return the first limit that a block exceeds: its name and value, and the amount used."""
        limits, bits = self.chip.limits, 0
        if self.chip.synapse is not None and limits.synapse_bits_per_core is not None:
            of_axons = self.chip.synapse.bits(
                block.n_each, block.n_neurons, has_delays=self._has_delays
            )
            shared = self.chip.synapse.bits(
                block.n_entries, block.n_entries, has_delays=self._has_delays
            )
            bits = int(of_axons.sum() + shared)
        for name, amount, limit in (
            ("axons in", block.gids.size, limits.axons_in_per_core),
            ("synapse bits", bits, limits.synapse_bits_per_core),
        ):
            if limit is not None and amount > limit:
                return name, limit, int(amount)
        return None


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
        start = 0
        while start < population.size:
            block = _filled(incoming, blocks[-1], population, start, neurons_per_core)
            if block is not None:
                blocks[-1] = block
                start = block.runs[-1][2]
            if start < population.size:
                blocks.append(Block())
                _require_cores(chip, blocks)
    return _slices(network, _divided(incoming, blocks))


def _filled(
    incoming: Incoming, block: Block, population: Population, start: int, capacity: int
) -> Block | None:
    """Return ``block`` with as many neurons from ``start`` on as fit, None if there is no room."""
    room = (capacity - block.n_slots) // slots_per_neuron(population)
    n_most = min(population.size - start, room)

    def with_first(n: int) -> Block:
        run = (population.index, start, start + n)
        return incoming.extended(block, run, gids[: ends[n - 1]], stored[: ends[n - 1]])

    # Few neurons are drawn first, and four times as many as long as all of them fit.
    window = min(n_most, FIRST_WINDOW)
    gids, stored, ends = incoming.sources_onto((population.index, start, start + window))
    while window < n_most and incoming.exceeded(with_first(window)) is None:
        window = min(n_most, 4 * window)
        gids, stored, ends = incoming.sources_onto((population.index, start, start + window))
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
        _require_cores(incoming.chip, blocks)


def _require_cores(chip: Chip, blocks: list[Block]) -> None:
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


def _slices(network: Network, blocks: list[Block]) -> tuple[Slice, ...]:
    slices = []
    for number, block in enumerate(blocks):
        lid = 0
        for index, start, stop in block.runs:
            slices.append(Slice(index, start, stop, number, lid))
            lid += (stop - start) * slots_per_neuron(network.populations[index])
    return tuple(slices)


def least_cores(network: Network, chip: Chip) -> dict[str, int]:
    """Return how many cores a network needs at least by each limit of a chip; no cut needs fewer.

    Keys: "neurons", and "axons in", "axons out" and "synapse bits" if the chip limits them.
    Synapses are drawn. Raises UsageError for other arguments.
    """
    instance("least_cores: network", network, Network)
    instance("least_cores: chip", chip, Chip)
    incoming, limits = Incoming(network, chip), chip.limits
    is_source = np.zeros(network.n_neurons, bool)
    n_slots = n_synapses = 0
    for population in network.populations:
        n_slots += population.size * slots_per_neuron(population)
        for start in range(0, population.size, limits.neurons_per_core):
            stop = min(population.size, start + limits.neurons_per_core)
            gids, stored, _ = incoming.sources_onto((population.index, start, stop))
            is_source[gids] = True
            n_synapses += int(stored.sum())
    # Each neuron with a target is an axon of one core at least, at both ends.
    n_axons = int(is_source.sum())
    needed = {"neurons": (n_slots, limits.neurons_per_core)}
    if limits.axons_in_per_core is not None:
        needed["axons in"] = (n_axons, limits.axons_in_per_core)
    if limits.axons_out_per_core is not None:
        needed["axons out"] = (n_axons, limits.axons_out_per_core)
    if chip.synapse is not None and limits.synapse_bits_per_core is not None:
        # Fewest bits per synapse: those of the best filled block of synapses.
        lengths = np.arange(1, chip.synapse.block_synapses + 1)
        has_delays = any(p.delay_steps[1] > 1 for p in network.projections)
        bits = chip.synapse.bits(lengths, lengths, has_delays=has_delays)
        per_synapse = (bits / lengths).min()
        needed["synapse bits"] = (int(n_synapses * per_synapse), limits.synapse_bits_per_core)
    return {name: -(-amount // limit) for name, (amount, limit) in needed.items()}
