"""Plastic synapses between neurons that spike at given times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run
from distsnn.network import ExplicitList, Network, OneToOne
from distsnn.neurons import LifDelta
from distsnn.stimuli import SpikeSource

THRESHOLD_MV = 60.0  # out of reach of the synapses that learn


def forced_run(
    pre: Sequence[np.ndarray],
    post: Sequence[np.ndarray],
    pairs: tuple[Sequence[int], Sequence[int]],
    weights: Sequence[float],
    rule: Any,
    dt_ms: float,
) -> Run:
    """Return a run in which synapse k joins pre[pairs[0][k]] to post[pairs[1][k]].

    pre: steps in which spikes arrive at the synapses; post: steps in which the targets spike, from
    step 2 on. The weights at the end are recorded.
    """
    network = Network(dt_ms=dt_ms, name="forced")
    # A spike of a source in step t arrives in t + 1.
    source = network.population("pre", len(pre), _source(pre, dt_ms))
    kicks = network.population("kicks", len(post), _source(post, dt_ms))
    model = LifDelta(v_threshold_mv=THRESHOLD_MV, v_reset_mv=0.0, t_ref_ms=0.0)
    target = network.population("post", len(post), model)
    network.connect(kicks, target, OneToOne(), weight=1.5 * THRESHOLD_MV, delay_ms=dt_ms)
    learned = network.connect(
        source, target, ExplicitList(*pairs, weights), delay_ms=dt_ms, plasticity=rule
    )
    n_steps = int(max(steps.max() for steps in (*pre, *post))) + 3
    network.record_weights(learned, every_ms=n_steps * dt_ms)
    return Run(network, n_steps * dt_ms)


def _source(trains: Sequence[np.ndarray], dt_ms: float) -> SpikeSource:
    steps = np.concatenate(list(trains)).astype(np.int64) - 1
    sources = np.repeat(np.arange(len(trains)), [train.size for train in trains])
    return SpikeSource((steps + 1) * dt_ms, sources)
