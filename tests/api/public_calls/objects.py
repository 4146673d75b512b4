"""Small networks and results that calls are made with."""

from __future__ import annotations

from functools import cache
from typing import Any

import distsnn
from distsnn import network as net
from distsnn import neurons, plasticity


def small() -> distsnn.Network:
    """A network of two populations with one plastic, rewarded and one static projection."""
    made = distsnn.Network(dt_ms=0.1)
    made.population("a", 4, neurons.LifDelta())
    made.population("s", 2, distsnn.SpikeSource([1.0], [0]))
    made.connect("a", "a", net.AllToAll(), weight=0.5, plasticity=plasticity.RewardStdp(1.0))
    made.connect("s", "a", net.AllToAll(), weight=1.0)
    return made


def with_lines() -> distsnn.Network:
    """A network whose source waits for recordings."""
    made = sized(None)
    made.population("s", 2, distsnn.SpikeSource([], [], n_sources=2))
    return made


def sized(target: Any, n: int = 4) -> distsnn.Network:
    """A network with ``n`` neurons of a model, or of the usual one."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", n, target if hasattr(target, "states") else neurons.LifExp())
    return made


@cache
def result() -> distsnn.Result:
    """What a short run gave."""
    made = small()
    made.record_weights(made.projections[0], every_ms=0.1)
    made.record("a", "v")
    return distsnn.simulate(made, duration_ms=1.0)
