"""Direct currents into the neurons of one rank."""

from __future__ import annotations

import numpy as np

from distsnn.core.neurons.slices import Slices
from distsnn.network import Network
from distsnn.stimuli.current import total_changes

Changes = dict[int, list[tuple[np.ndarray, float]]]


def current_changes(network: Network, slices: Slices) -> Changes:
    """Return the slots whose direct current changes and their new total current in pA, by step."""
    # Currents into the same population add up.
    currents_into: dict[int, list[dict[int, float]]] = {}
    for stimulus in network.stimuli:
        changes = stimulus.what.changes(network.dt_ms)
        if changes:
            currents_into.setdefault(stimulus.target.index, []).append(changes)
    by_step: Changes = {}
    for population, currents in currents_into.items():
        slots = slices.flat_of(population, 0, network.populations[population].size)
        for step, total_pa in total_changes(currents).items():
            by_step.setdefault(step, []).append((slots, total_pa))
    return by_step
