"""Estimate of the time that a rank needs for a step of each core, before anything runs."""

from __future__ import annotations

import numpy as np

from distsnn.mapping.plan import Plan
from distsnn.network import Network

# Nanoseconds of one processor core, measured (update_cost.py, roofline.py and plastic_brunel.py in
# benchmarks/speed); only their ratios matter here.
# Update of a neuron and input from outside: ``update_ns`` of the model and of the stimulus.
SEND_NS = 0.5  # of a neuron and step: spikes become packets that are counted
EVENT_NS = 1.7
PLASTIC_EVENT_NS = 11.5
RATE_HZ = 5.0  # before a run the rates are not known


def expected_work(network: Network, plan: Plan) -> np.ndarray:
    """Return the nanoseconds of a step expected on each core, float64 [cores]."""
    # ns per neuron and step = update + send + input from outside +
    # in-degree x P(spike per step) x ns per synaptic event
    per_neuron = np.zeros(len(network.populations))
    for population in network.populations:
        if not population.model.is_source:
            per_neuron[population.index] = population.model.update_ns + SEND_NS
    for stimulus in network.stimuli:
        share = stimulus.n_neurons / stimulus.target.size
        per_neuron[stimulus.target.index] += share * stimulus.what.update_ns
    spikes_per_step = RATE_HZ * network.dt_ms * 1e-3
    for projection in network.projections:
        event_ns = EVENT_NS if projection.plasticity is None else PLASTIC_EVENT_NS
        in_degree = projection.expected_synapses() / projection.target.size
        per_neuron[projection.target.index] += in_degree * spikes_per_step * event_ns
    work = np.zeros(plan.n_cores)
    for piece in plan.slices:
        work[plan.core_of_block[piece.block]] += piece.size * per_neuron[piece.population]
    return work
