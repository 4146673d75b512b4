"""How often ranks must exchange: the shortest delay between neurons on different cores."""

from __future__ import annotations

import numpy as np

from distsnn.mapping.plan import Plan
from distsnn.network import Network, OneToOne, PatchInDegree, Projection

LONGEST_BATCH = 64  # a packet has six bits for the step within the batch


def steps_per_exchange(network: Network, plan: Plan) -> int:
    """Return the number of steps after which spikes must have been exchanged."""
    core = {p.index: plan.locate(p.index, p.size)[0] for p in network.populations}
    shortest = LONGEST_BATCH
    for projection in network.projections:
        low = projection.delay_steps[0]
        if low < shortest and _crosses_cores(projection, core):
            shortest = low
    return shortest


def _crosses_cores(projection: Projection, core: dict[int, np.ndarray]) -> bool:
    """Return whether the projection may connect neurons on different cores."""
    source, target = core[projection.source.index], core[projection.target.index]
    rule = projection.rule
    if isinstance(rule, OneToOne):
        return bool((source != target).any())
    if isinstance(rule, PatchInDegree):
        by_source = source.reshape(projection.source.patches, -1)
        by_target = target.reshape(projection.target.patches, -1)
        return any(
            by_source[patch].min() != by_target[k].min()
            or by_source[patch].max() != by_target[k].max()
            or by_target[k].min() != by_target[k].max()
            for k, patches in enumerate(rule.source_patches)
            for patch in patches
        )
    return source.min() != target.max() or source.max() != target.min()
