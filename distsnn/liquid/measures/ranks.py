"""Kernel rank and generalisation rank: dimensions spanned by the final states of a liquid.

Source: Legenstein & Maass 2007, Neural Netw 20:323.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import RATE_HZ, TAU_MS, play_inputs, poisson_inputs
from distsnn.liquid.measures.separation import mixed
from distsnn.random_streams import generator
from distsnn.simulation import Settings
from distsnn.time_grid import nearest_steps


def ranks(
    liquid: Liquid, settings: Settings, comm: Comm, n_inputs: int = 100, duration_ms: float = 300.0
) -> dict[str, Any] | None:
    """Return kernel rank and generalisation rank of the final states, on rank 0. Collective.

    Kernel rank: of the states after ``n_inputs`` different inputs; a high one means that they can be
    distinguished. Generalisation rank: of the states after ``n_inputs`` noisy versions of one input;
    a low one means that they are classified alike. Rank: singular values above a hundredth of the
    largest.
    """
    random = generator(liquid.seed, "ranks")
    n_steps = max(1, int(nearest_steps(duration_ms, liquid.dt_ms)))

    def train() -> InputSpikes:
        return poisson_inputs(liquid.n_channels, n_steps, RATE_HZ, liquid.dt_ms, random)

    # Different inputs, and versions of one input with a tenth of the spikes replaced.
    different = [train() for _ in range(n_inputs)]
    template = train()
    alike = [mixed(template, train(), 0.1, random) for _ in range(n_inputs)]
    responses = play_inputs(liquid, [*different, *alike], settings, comm)
    if comm.rank != 0:
        return None
    tau = TAU_MS / liquid.dt_ms
    final = np.zeros((2 * n_inputs, liquid.n_neurons))
    for k, response in enumerate(responses):
        # State at the last step: sum of exp(-(T - t) / tau) over spikes.
        weight = np.exp(-(n_steps - 1 - response.step) / tau)
        final[k] = np.bincount(response.neuron, weight, liquid.n_neurons)
    return {
        "most": min(n_inputs, liquid.n_neurons),
        "values": {
            "kernel": rank_of(final[:n_inputs]),
            "generalisation": rank_of(final[n_inputs:]),
        },
    }


def rank_of(states: np.ndarray, least: float = 0.01) -> int:
    """Return the number of singular values above ``least`` times the largest."""
    values = np.linalg.svd(states, compute_uv=False)
    return int(np.count_nonzero(values > least * values[0])) if values[0] > 0 else 0
