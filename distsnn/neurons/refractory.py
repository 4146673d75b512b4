"""The refractory time of a model in steps."""

from __future__ import annotations

from typing import Protocol

from distsnn.time_grid import MAX_FLOAT32_STEPS, given_steps


class Refractory(Protocol):
    """A model with a refractory time."""

    @property
    def t_ref_ms(self) -> float:
        """Time for which a neuron is held after a spike."""


def refractory_steps(model: Refractory, dt_ms: float) -> float:
    """Return ``model.t_ref_ms`` in steps, for the model's constants, which are float32.

    Raises NetworkError unless it is a whole number of steps that float32 holds exactly.
    """
    thing = f"{type(model).__name__}: t_ref_ms"
    return float(given_steps(thing, model.t_ref_ms, dt_ms, 0, MAX_FLOAT32_STEPS))
