"""The common part of the two balanced networks of 4,000 cells, ``coba`` and ``cuba``.

Source: Vogels & Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349,
benchmarks 1 and 2: 3,200 excitatory and 800 inhibitory cells, connected at random with a probability
of 0.02, without external input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distsnn.network import Distribution, FixedProbability, Network
from distsnn.networks.checks import delay_in_steps, in_steps, require_between

N_E, N_I = 3_200, 800
PROBABILITY = 0.02  # of a synapse between two cells: 80 inputs per cell
DEFAULT_DT_MS = 0.1
DELAY_MS = 0.1


def balanced(
    name: str,
    model: Any,
    initial: Mapping[str, float | Distribution],
    weights: tuple[float, float],
    *,
    scale: float,
    delay_ms: float,
    dt_ms: float,
    seed: int,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``.

    weights: excitatory and inhibitory, in the model's unit; a weight of 0 leaves out the synapses.
    scale: number of cells relative to 4,000; the connection probability is proportional to 1 / scale,
    so each cell keeps 80 inputs on average. delay_ms: whole steps; the published delay and the
    refractory time are rounded to steps. Raises UsageError for a setting outside its limits.
    """
    require_between(name, "scale", scale, 0.05, 25.0)
    require_between(name, "dt_ms", dt_ms, 0.001, 1.0)
    delay_ms = delay_in_steps(name, delay_ms, DELAY_MS, dt_ms)
    model = in_steps(model, dt_ms)
    network = Network(dt_ms=dt_ms, seed=seed, name=name)
    exc = network.population("exc", round(N_E * scale), model, initial=initial)
    inh = network.population("inh", round(N_I * scale), model, initial=initial)
    # Inputs per cell: N scale x p / scale = N p.
    rule = FixedProbability(PROBABILITY / scale)
    for target in (exc, inh):
        for source, weight in zip((exc, inh), weights, strict=True):
            if weight:
                network.connect(source, target, rule, weight=weight, delay_ms=delay_ms)
    return network
