"""What the two balanced networks of 4,000 cells share: sizes, connections, how they are started.

Source: Vogels & Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349,
benchmarks 1 and 2: 3,200 excitatory and 800 inhibitory cells, connected at random with probability
0.02, without input from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distsnn.network import Distribution, FixedProbability, Network
from distsnn.networks.checks import require_between, require_least

N_E, N_I = 3_200, 800
PROBABILITY = 0.02
DEFAULT_DT_MS = 0.1


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
    """Return the network with populations ``exc`` and ``inh``; weights: excitatory, inhibitory.

    scale: number of cells relative to 4,000; the probability of a connection grows as 1 / scale,
    which keeps the number of inputs (80 on average).
    """
    require_between(name, "scale", scale, 0.05, 25.0)
    require_between(name, "dt_ms", dt_ms, 0.001, 1.0)
    require_least(name, "delay_ms", delay_ms, dt_ms)
    network = Network(dt_ms=dt_ms, seed=seed, name=name)
    exc = network.population("exc", round(N_E * scale), model, initial=initial)
    inh = network.population("inh", round(N_I * scale), model, initial=initial)
    rule = FixedProbability(PROBABILITY / scale)
    for target in (exc, inh):
        for source, weight in zip((exc, inh), weights, strict=True):
            if weight:
                network.connect(source, target, rule, weight=weight, delay_ms=delay_ms)
    return network
