"""The interval at which ranks exchange spikes: the shortest delay between different cores."""

from __future__ import annotations

import bisect

import numpy as np

from distsnn.kernels.formats import MAX_BATCH
from distsnn.mapping.plan import Plan, Slice
from distsnn.network import Network, OneToOne, PatchInDegree, Projection


def steps_per_exchange(network: Network, plan: Plan) -> int:
    """Return the number of steps after which spikes must have been exchanged."""
    shortest = MAX_BATCH
    for projection in network.projections:
        # A spike of step t is needed on another core in step t + delay at the earliest, so ranks may
        # run min(delay) steps before they must exchange.
        low = projection.delay_steps[0]
        if low < shortest and _crosses_cores(projection, plan):
            shortest = low
    for modulation in network.modulations:
        shortest = min(shortest, modulation.delay_steps)
    return shortest


def most_spikes(network: Network, plan: Plan, rank_of_core: np.ndarray) -> int:
    """Return the largest number of spikes in a step for which any rank allocates memory.

    Spike sources may emit several spikes per line and step, so networks with sources get twice as much.
    """
    cores = np.bincount(rank_of_core[plan.core_of_block])
    # Cores of the rank with most cores, times slots per core.
    most = int(cores.max(initial=1)) << plan.lid_bits
    has_sources = any(population.model.is_source for population in network.populations)
    return most * (2 if has_sources else 1)


def _crosses_cores(projection: Projection, plan: Plan) -> bool:
    """Return whether the projection may connect neurons on different cores."""
    sources = plan.pieces_of(projection.source.index)
    targets = plan.pieces_of(projection.target.index)
    rule = projection.rule
    if isinstance(rule, OneToOne):
        return any(
            source.block != target.block
            for target in targets
            for source in _overlapping(sources, target.start, target.stop)
        )
    if isinstance(rule, PatchInDegree):
        from_size = projection.source.size // projection.source.patches
        onto_size = projection.target.size // projection.target.patches
        return any(
            source.block != target.block
            for target in targets
            for patch in range(target.start // onto_size, -(-target.stop // onto_size))
            for listed in rule.source_patches[patch]
            for source in _overlapping(sources, listed * from_size, (listed + 1) * from_size)
        )
    return len({piece.block for piece in [*sources, *targets]}) > 1


def _overlapping(pieces: list[Slice], start: int, stop: int) -> list[Slice]:
    """Return those of the consecutive pieces that hold any neuron of start .. stop - 1."""
    # Pieces are sorted and do not overlap: first one that ends after start.
    first = bisect.bisect_right(pieces, start, key=lambda piece: piece.stop)
    overlapping = []
    for piece in pieces[first:]:
        if piece.start >= stop:
            break
        overlapping.append(piece)
    return overlapping
