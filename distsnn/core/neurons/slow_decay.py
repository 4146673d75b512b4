"""Applies the slow decays of models' states, see ``distsnn.slow_decay``.

The kernels read a decay from the model's constants in each step. For a slow one they find 0 there,
and in one step of ``n`` what decays in n steps. So a kernel knows nothing of this, and networks
without slow decays are run as if there were none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.slow_decay import over_steps, steps_at_once
from distsnn.stimuli import SpikeSource


class SlowDecays:
    """The slow decays of all models of a network; the same steps on all ranks."""

    def __init__(self, models: Sequence[Any], dt_ms: float) -> None:
        self._intervals = sorted({n for model in models for _, _, n in slow_places(model, dt_ms)})
        self._entries: list[tuple[np.ndarray, int, float, int]] = []
        self._dt_ms = dt_ms

    def watch(self, model: Any, constants: np.ndarray) -> None:
        """Take over the slow decays among a model's constants (float32 [constants])."""
        for place, at_once, n in slow_places(model, self._dt_ms):
            constants[place] = 0.0
            self._entries.append((constants, place, at_once, n))

    def set(self, t: int) -> None:
        """Say what decays in step ``t``."""
        for constants, place, at_once, n in self._entries:
            is_due = t % n == n // 2
            constants[place] = at_once if is_due else 0.0

    def next_stop(self, t: int, n_steps: int) -> int:
        """Return the first step after ``t`` in which other variables decay, or ``n_steps``."""
        since, stop = t, n_steps
        for n in self._intervals:
            to_due = (n // 2 - since) % n
            stop = min(stop, t + (to_due or 1))
        return stop


def slow_places(model: Any, dt_ms: float) -> list[tuple[int, float, int]]:
    """Return the slow decays of a model: place in its constants, their value for n steps, n.

    The model says where decays are: ``decays``, the places of exp(-dt / tau) - 1 of variables that
    decay on their own.
    """
    if isinstance(model, SpikeSource):
        return []
    constants = model.constants(dt_ms)
    found = []
    for place in getattr(model, "decays", ()):
        decay = float(constants[place])
        n = steps_at_once(decay)
        if n > 1:
            found.append((place, over_steps(decay, n), n))
    return found
