"""The refractory time of a model in steps."""

from __future__ import annotations

from typing import Any

from distsnn.time_grid import MAX_FLOAT32_STEPS, given_steps


def refractory_steps(model: Any, dt_ms: float) -> float:
    """Return ``model.t_ref_ms`` in steps, for the model's constants, which are float32.

    Raises NetworkError where it is not a whole number of steps that float32 holds exactly.
    """
    thing = f"{type(model).__name__}: t_ref_ms"
    return float(given_steps(thing, model.t_ref_ms, dt_ms, 0, MAX_FLOAT32_STEPS))
