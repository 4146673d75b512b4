"""Runs plastic synapses between neurons whose spikes are all given, and learns nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.network import ExplicitList, Network, OneToOne
from distsnn.neurons import LifDelta
from distsnn.simulation import Result, simulate
from distsnn.stimuli import SpikeSource


class Forced:
    """pre, post: lists of int arrays, the steps in which each neuron spikes (post from step 1 on).

    synapses: (pre indices, post indices, weights, delays in steps). threshold_mv: so high that the
    synapses alone never reach it.
    """

    def __init__(
        self,
        pre: list[Any],
        post: list[Any],
        synapses: tuple[Any, Any, Any, Any],
        rule: Any,
        *,
        share: float = 0.0,
        dt_ms: float = 0.1,
        every_steps: int | None = None,
        threshold_mv: float = 1000.0,
        seed: int = 1,
    ) -> None:
        self.network = Network(dt_ms=dt_ms, seed=seed)
        model = LifDelta(v_threshold_mv=threshold_mv, v_reset_mv=0.0, t_ref_ms=0.0)
        source = self.network.population("pre", len(pre), _source(pre, dt_ms))
        kicks = self.network.population("kicks", len(post), _source(post, dt_ms, 1))
        target = self.network.population("post", len(post), model)
        self.network.connect(kicks, target, OneToOne(), weight=1.5 * threshold_mv, delay_ms=dt_ms)
        i, j, weights, delays = synapses
        self.projection = self.network.connect(
            source,
            target,
            ExplicitList(i, j, weights, np.asarray(delays) * dt_ms),
            plasticity=rule,
            dendritic_share=share,
        )
        last = max((int(np.max(steps)) for steps in [*pre, *post] if len(steps)), default=1)
        self.n_steps = last + 2 * int(np.max(delays, initial=1)) + 2
        every = (every_steps or self.n_steps) * dt_ms
        self.network.record_weights(self.projection, every_ms=every)

    def run(self, **options: Any) -> Result:
        """Simulate until the last spike has reached all synapses."""
        duration_ms = self.n_steps * self.network.dt_ms
        return simulate(self.network, duration_ms=duration_ms, **options)

    def weights(self, **options: Any) -> np.ndarray:
        """Return the final weights, sorted by post, pre, delay."""
        return self.run(**options).weights(self.projection).final


def _source(trains: list[Any], dt_ms: float, earlier: int = 0) -> SpikeSource:
    steps = np.concatenate([np.asarray(train, dtype=np.int64) for train in trains])
    sources = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    return SpikeSource((steps - earlier + 1) * dt_ms, sources)


def poisson_trains(
    rng: np.random.Generator, n: int, rate_hz: float, n_steps: int, dt_ms: float
) -> list[np.ndarray]:
    """Return for each neuron the steps 1 .. n_steps - 1 in which it spikes, at most once each."""
    spiked = rng.random((n, n_steps)) < rate_hz * dt_ms * 1e-3
    spiked[:, 0] = False
    return [np.flatnonzero(row) for row in spiked]
