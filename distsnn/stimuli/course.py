"""How an input changes in time: levels, each from a step on, the same for all neurons or one each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32, MAX_INT64, array, must_be, number
from distsnn.errors import NetworkError
from distsnn.parameters import Parameters
from distsnn.stimuli.per_neuron import n_dims
from distsnn.time_grid import MAX_STEPS, given_steps

NEVER = MAX_INT64  # a step that does not come


@dataclass(frozen=True, eq=False)
class Course:
    """Level k holds from step first[k] on; before the first there is none.

    first: int64 [m], strictly ascending. levels: float64 [m], or [m, neurons].
    """

    first: np.ndarray
    levels: np.ndarray

    @classmethod
    def between(cls, start: int, end: int) -> Course:
        """Return the level 1 from step ``start`` up to, but not including, step ``end``."""
        # level 1 from step 0 on, cut to the window
        return cls(np.array([0]), np.array([1.0])).cut(start, end)

    @classmethod
    def of_changes(cls, changes: dict[int, float]) -> Course:
        """Return the course with the level of each step in ``changes`` from then on."""
        # Edges in order of time; a level holds until the next.
        steps = sorted(changes)
        levels = np.array([changes[step] for step in steps], dtype=np.float64)
        return cls(np.array(steps, dtype=np.int64), levels)

    def cut(self, start: int, end: int) -> Course:
        """Return the course from step ``start`` to ``end``, with no input outside."""
        # The level that holds at the start begins there; after the end comes the level 0.
        k = int(np.searchsorted(self.first, start, side="right")) - 1
        inside = (self.first > start) & (self.first < end)
        first, levels = self.first[inside], self.levels[inside]
        if k >= 0 and start < end:
            first = np.append(np.int64(start), first)
            levels = np.concatenate([self.levels[k : k + 1], levels])
        if end < NEVER and first.size:
            first = np.append(first, np.int64(end))
            levels = np.concatenate([levels, np.zeros_like(self.levels[:1])])
        return Course(first.astype(np.int64), levels)

    def changes(self) -> dict[int, float]:
        """Return the level by step, of a course that is the same for all neurons."""
        return dict(zip(self.first.tolist(), self.levels.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class MovingCurrent:
    """A current that changes in every step. kind: one of those of ``kernels/input/currents.py``.

    course: in pA of a waveform, else 1 while it acts. start: its first step. every: steps between two
    values.
    """

    kind: str
    course: Course
    start: int = 0
    every: int = 1


@dataclass(frozen=True, eq=False)
class Samples(Parameters):
    """A function of time: values[k] from k every_ms on, counted from the start of the input.

    values: [m], or [m, neurons] for a function of its own for each neuron. After the last sample
    there is nothing. every_ms: whole steps. Raises NetworkError.
    """

    parameter_units: ClassVar[dict[str, str]] = {"values": "(unit of the parameter)"}

    values: Any
    every_ms: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", samples("Samples: values", self.values))
        number("Samples: every_ms", self.every_ms, above=0.0)

    def require_neurons(self, thing: str, n_neurons: int) -> None:
        """Raise NetworkError unless samples by neuron are those of ``n_neurons``."""
        if self.values.ndim == 2 and self.values.shape[1] != n_neurons:
            limit = f"of {n_neurons} columns, one for each neuron"
            remedy = "Give as many, or one row for all."
            raise NetworkError(must_be(f"{thing}: values", limit, self.values.shape[1], remedy))

    def course(self, thing: str, start: int, end: int, dt_ms: float) -> Course:
        """Return the samples as levels from step ``start`` to ``end``."""
        every = given_steps(f"{thing}: every_ms", self.every_ms, dt_ms, 1)
        # Sample k holds in the steps start + k every .. start + (k + 1) every - 1.
        first = start + every * np.arange(self.values.shape[0], dtype=np.int64)
        last = start + every * self.values.shape[0]
        return Course(first, self.values).cut(start, min(end, last))

    def of_part(self, start: int, stop: int) -> Samples:
        """Return the samples of the neurons start .. stop - 1."""
        # Samples that all neurons share have no parts.
        if self.values.ndim == 1:
            return self
        return Samples(self.values[:, start:stop], self.every_ms)


def samples(thing: str, values: Any) -> np.ndarray:
    """Return samples as float64 [m] or [m, neurons]. Raises NetworkError."""
    dims = 2 if n_dims(values) == 2 else 1
    found = array(thing, values, "f", n_dims=dims, low=-MAX_FLOAT32, high=MAX_FLOAT32)
    if not found.size:
        raise NetworkError(must_be(thing, "at least one number", found.size, "Give some."))
    return found


def pairs(thing: str, steps: Any, unit: str) -> list[tuple[Any, Any]]:
    """Return ``steps`` as a list of pairs, or raise NetworkError."""
    try:
        return [(time_ms, value) for time_ms, value in steps]
    except (TypeError, ValueError):
        limit = f"pairs of time in ms and {unit}"
        remedy = f"Give [(time_ms, {unit.rpartition(' ')[2].lower()}), ...]."
        raise NetworkError(must_be(thing, limit, steps, remedy)) from None


def ascending_times(thing: str, times_ms: Sequence[Any]) -> list[float]:
    """Return times as floats, or raise NetworkError unless they ascend from 0 on."""
    # Equal times are allowed: the last one of them counts.
    checked, before = [], 0.0
    for k, time_ms in enumerate(times_ms):
        remedy = "Give ascending times from 0 on."
        before = number(f"{thing}[{k}] time_ms", time_ms, before, remedy=remedy)
        checked.append(before)
    return checked


def window(thing: str, start_ms: float, stop_ms: float, dt_ms: float) -> tuple[int, int]:
    """Return the first step of an input and the step after the last; a late stop is none."""
    first = given_steps(f"{thing}: start_ms", start_ms, dt_ms)
    # A stop beyond every step, infinity among them, is none.
    if stop_ms / dt_ms > MAX_STEPS:
        return first, NEVER
    return first, given_steps(f"{thing}: stop_ms", stop_ms, dt_ms)
