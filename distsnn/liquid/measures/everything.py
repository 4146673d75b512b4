"""All measures of a liquid together."""

from __future__ import annotations

from typing import Any

from distsnn.comm import Comm
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.memory import memory
from distsnn.liquid.measures.radius import effects_of, spectral_radius
from distsnn.liquid.measures.ranks import ranks
from distsnn.liquid.measures.separation import separation
from distsnn.simulation import Settings


def measure_all(
    liquid: Liquid, settings: Settings, comm: Comm, quick: bool = False
) -> dict[str, Any] | None:
    """Return all measures of a liquid as plain data, on rank 0. Collective."""
    measures = {
        "separation": separation(liquid, settings, comm, n_pairs=5 if quick else 20),
        "ranks": ranks(liquid, settings, comm, n_inputs=40 if quick else 100),
        "memory": memory(liquid, settings, comm, n_samples=600 if quick else 2000),
    }
    if comm.rank != 0:
        return None
    radius = spectral_radius(liquid.network(), liquid.n_neurons, effects_of(liquid))
    return {"neurons": liquid.n_neurons, **measures, "spectral_radius": radius}
