"""Applies the slow decays of models' state variables, see ``distsnn.slow_decay``.

Kernels read each decay from the model's constants in every step. For a slow decay the constant is 0,
except in one of every ``n`` steps, when it is the decay over n steps. Kernels thus need no special
case, and networks without slow decays pay nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.kernels.neuron.constants import positions_of, row_of
from distsnn.neurons.model import NeuronModel
from distsnn.slow_decay import over_steps, steps_at_once


class SlowDecays:
    """The slow decays of all models of a network; they are applied in the same steps on all ranks."""

    def __init__(self, models: Sequence[NeuronModel], dt_ms: float) -> None:
        self._intervals = sorted(
            {n for model in models for _, _, n in slow_positions(model, dt_ms)}
        )
        self._entries: list[tuple[np.ndarray, int, float, int]] = []
        self._dt_ms = dt_ms

    def watch(self, model: NeuronModel, constants: np.ndarray) -> None:
        """Manage the slow decays among a model's constants (float32 [constants])."""
        for position, at_once, n in slow_positions(model, self._dt_ms):
            constants[position] = 0.0
            self._entries.append((constants, position, at_once, n))

    def set(self, t: int) -> None:
        """Set the decay constants for step ``t``."""
        for constants, position, at_once, n in self._entries:
            is_due = t % n == n // 2
            constants[position] = at_once if is_due else 0.0

    def next_stop(self, t: int, n_steps: int) -> int:
        """Return the first step after ``t`` in which the constants change, or ``n_steps``."""
        since, stop = t, n_steps
        for n in self._intervals:
            to_due = (n // 2 - since) % n
            stop = min(stop, t + (to_due or 1))
        return stop


def slow_positions(model: NeuronModel, dt_ms: float) -> list[tuple[int, float, int]]:
    """Return (position in the constants, value over n steps, n) of each slow decay of a model.

    ``model.decays`` names the constants exp(-dt / tau) - 1 of variables that decay independently.
    """
    if not model.decays:
        return []
    constants = model.constants(dt_ms)
    row = row_of(constants)
    slow = []
    for name in model.decays:
        for position in positions_of(constants, name):
            n = steps_at_once(float(row[position]))
            if n > 1:
                slow.append((position, over_steps(float(row[position]), n), n))
    return slow
