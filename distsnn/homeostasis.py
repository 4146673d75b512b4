"""Homeostatic scaling: the synapses of a neuron are scaled together until it fires at a given rate.

The rate r of each neuron is estimated from its spikes, and every interval T all its weights are
multiplied by one factor:

    r <- r + (n / T - r) (1 - exp(-T / tau))          n: spikes in the interval
    w <- w (1 + gain (1 - r / target))                the change at most gain

Proportions between the weights of a neuron are kept, except where a weight reaches a bound.

Source: van Rossum, Bi & Turrigiano 2000, J Neurosci 20:8812 (dw/dt proportional to w (target - r));
Turrigiano 2008, Cell 135:422.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared, must_be
from distsnn.errors import UsageError
from distsnn.network import Projection
from distsnn.simulation import Simulation


@dataclass(frozen=True)
class HomeostaticScaling:
    """How weights are scaled; see the module's equations.

    target_hz: rate of the target neurons. tau_ms: time constant of the estimated rate. interval_ms:
    whole steps of the network. gain: largest change in one interval, below 1. is_inhibitory: larger
    weights lower the rate of their targets, so that they are scaled the other way.
    """

    target_hz: float
    tau_ms: float = 1000.0
    interval_ms: float = 100.0
    gain: float = 0.05
    is_inhibitory: bool = False

    def __post_init__(self) -> None:
        declared(self, positive=("target_hz", "tau_ms", "interval_ms", "gain"), error=UsageError)
        if not self.gain < 1.0:
            remedy = "Scale in smaller steps."
            raise UsageError(must_be("HomeostaticScaling.gain", "below 1", self.gain, remedy))

    def attach(self, simulation: Simulation, projection: Projection) -> ScaledProjection:
        """Scale the weights of a projection from now on, every interval of the run. Collective.

        Static weights stay within ``weight_bounds`` of ``Network.connect``, plastic ones within the
        bounds of their rule. Raises UsageError for a projection of another network.
        """
        scaled = ScaledProjection(self, simulation, projection)
        simulation.every(self.interval_ms, scaled.scale)
        return scaled


class ScaledProjection:
    """A projection that is being scaled. rates_hz: the estimated rates of its targets, float64."""

    def __init__(
        self, scaling: HomeostaticScaling, simulation: Simulation, projection: Projection
    ) -> None:
        self.scaling, self.projection = scaling, projection
        self._post = simulation.connections(projection).post
        self.rates_hz = np.full(projection.target.size, scaling.target_hz)
        self._begin(simulation)

    def _begin(self, simulation: Simulation) -> None:
        """Count from now on."""
        self._from_ms, self._until_ms = simulation.recorded_from_ms, simulation.time_ms
        self._counts = simulation.spike_counts(self.projection.target)

    def scale(self, simulation: Simulation) -> None:
        """Estimate the rates anew and scale all weights once. Collective."""
        scaling = self.scaling
        counts = simulation.spike_counts(self.projection.target)
        since_ms, earlier = self._until_ms, self._counts
        # Recordings that were cleared, or a run that was reset, begin again at 0.
        if simulation.recorded_from_ms != self._from_ms or simulation.time_ms < since_ms:
            self._from_ms = since_ms = simulation.recorded_from_ms
            earlier = np.zeros_like(counts)
        self._until_ms, self._counts = simulation.time_ms, counts
        interval_ms = self._until_ms - since_ms
        if interval_ms <= 0.0:
            return
        # r <- r + (n / T - r) (1 - exp(-T / tau))
        now_hz = (counts - earlier) * 1e3 / interval_ms
        share = -math.expm1(-interval_ms / scaling.tau_ms)
        self.rates_hz = self.rates_hz + (now_hz - self.rates_hz) * share
        # w <- w (1 + gain (1 - r / target))
        change = scaling.gain * np.clip(1.0 - self.rates_hz / scaling.target_hz, -1.0, 1.0)
        factors = 1.0 - change if scaling.is_inhibitory else 1.0 + change
        weights = simulation.weights(self.projection) * factors[self._post]
        low, high = self.projection.settable_bounds
        simulation.set_weights(self.projection, np.clip(weights, low, high))
