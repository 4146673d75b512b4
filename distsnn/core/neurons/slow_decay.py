"""Applies decays that are too slow for float32 once in many steps; see ``distsnn.slow_decay``.

In every step, kernels read each decay from the model's constants. The constant of a slow decay is 0
except in one of every ``n`` steps, when it holds the decay over n steps. Kernels therefore need no
special case, and networks without slow decays pay nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.kernels.neuron.constants import positions_of, row_of
from distsnn.neurons.model import NeuronModel
from distsnn.slow_decay import over_steps, steps_at_once


class SlowDecays:
    """The slow decays of all models of a network, applied in the same steps on every rank."""

    def __init__(self, models: Sequence[NeuronModel], dt_ms: float) -> None:
        self._intervals = sorted(
            {n for model in models for _, _, n in slow_positions(model, dt_ms)}
        )
        # (constants of a model, position, decay over n steps, n)
        self._entries: list[tuple[np.ndarray, int, float, int]] = []
        self._dt_ms = dt_ms

    def is_needed(self, models: Sequence[NeuronModel]) -> bool:
        """Return whether models of the network, or these, have slow decays."""
        return bool(self._intervals) or any(slow_positions(model, self._dt_ms) for model in models)

    def watch(self, model: NeuronModel, constants: np.ndarray) -> None:
        """Take control of the slow decays among a model's constants, float32 [constants]."""
        for position, at_once, n in slow_positions(model, self._dt_ms):
            constants[position] = 0.0
            self._entries.append((constants, position, at_once, n))

    def set(self, t: int) -> None:
        """Set the decay constants for step ``t``."""
        for constants, position, at_once, n in self._entries:
            # In the middle of each n steps, so that lag and lead of the variable cancel on average.
            is_due = t % n == n // 2
            constants[position] = at_once if is_due else 0.0

    def next_stop(self, t: int, n_steps: int) -> int:
        """Return the first step after ``t`` at which the constants change, at most ``n_steps``."""
        since, stop = t, n_steps
        for n in self._intervals:
            # They change at a due step, t % n == n // 2, and again at the step after it.
            to_due = (n // 2 - since) % n
            stop = min(stop, t + (to_due or 1))
        return stop


def slow_positions(model: NeuronModel, dt_ms: float) -> list[tuple[int, float, int]]:
    """Return (position in the constants, decay over n steps, n) for each slow decay of a model.

    ``model.decays`` names those constants exp(-dt / tau) - 1 whose variables decay on their own.
    """
    if not model.decays:
        return []
    constants = model.constants(dt_ms)
    values = row_of(constants)
    slow = []
    for name in model.decays:
        for position in positions_of(constants, name):
            n = steps_at_once(float(values[position]))
            if n > 1:
                slow.append((position, over_steps(float(values[position]), n), n))
    return slow
