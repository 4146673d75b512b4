"""Current sources: what they inject in each step, which may be changed between runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

from distsnn.pynn.cells.engine_cell import same_names
from distsnn.pynn.simulator import state
from distsnn.stimuli import Current, Input, WaveformCurrent

PICO = 1000.0  # of nA in pA
BLOCK = 1000  # intervals of noise that are drawn together


class CurrentSource(StandardCurrentSource):  # type: ignore[misc]
    """A source of current, in nA, that acts on cells.

    targets: by population, the cells. has_news: whether parameters were set since the last run.
    """

    is_stepwise: ClassVar[bool] = True

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        own: dict[str, Any] = {
            "values": {}, "targets": {}, "has_news": True, "recorded": None,
            "number": len(state.current_sources),
        }  # fmt: skip
        # Not by attribute: PyNN takes those for parameters.
        self.__dict__.update(own)
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        self.set_native_parameters(self.translate(space))
        state.current_sources.append(self)

    def get_native_parameters(self) -> ParameterSpace:
        """Return the parameters."""
        return ParameterSpace(dict(self.values))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Set parameters, which act from the next step on."""
        parameters.evaluate(simplify=True)
        given = {
            name: np.asarray(value.value, float) if isinstance(value, Sequence) else float(value)
            for name, value in parameters.items()
        }
        self.values.update(self.checked({**self.values, **state.together(given)}))
        self.__dict__["has_news"] = True

    def checked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return parameters as they act; ValueError for what cannot be."""
        return values

    def inject_into(self, cells: Iterable[Any]) -> None:
        """Inject the current into cells: a population, view, assembly or list of cells."""
        chosen = list(cells)
        for cell in chosen:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        # By population, since an input of the engine drives cells of one.
        for cell in chosen:
            population = cell.parent
            self.targets.setdefault(population.index, []).append(population.id_to_index(cell))

    def current_in(self, first: int, n: int) -> np.ndarray:
        """Return the current in nA in n steps from ``first`` on."""
        raise NotImplementedError

    def window(self, first: int, n: int, began_at: int = 0) -> Input:
        """Return the current of n steps from ``first`` on, for a network that began at a step."""
        # Few changes are a table of steps, many are samples.
        pa = self.current_in(first, n) * PICO
        changed = np.flatnonzero(np.diff(pa, prepend=np.nan))
        since = first - began_at
        if self.is_stepwise or changed.size < n // 4:
            steps = [(round((since + k) * state.dt, 9), float(pa[k])) for k in changed.tolist()]
            return Current(steps=steps)
        return WaveformCurrent(pa, every_ms=state.dt, start_ms=round(since * state.dt, 9))

    def is_on(self, t: np.ndarray) -> np.ndarray:
        """Return whether the source is on in steps t: from start until stop."""
        start, stop = (np.rint(self.values[name] / state.dt) for name in ("start", "stop"))
        return np.asarray((t >= start) & (t < stop))

    def record(self) -> None:
        """Keep the current of the following runs for ``get_data``."""
        self.__dict__["recorded"] = [np.zeros(state.n_steps)]

    def note(self, first: int, n: int) -> None:
        """Keep the current of n steps that have run."""
        if self.recorded is not None:
            self.recorded.append(self.current_in(first, n))

    def forget(self) -> None:
        """Begin the record again at time 0."""
        if self.recorded is not None:
            self.recorded.clear()

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        # PyNN has a last value for the time of now.
        now = self.current_in(state.n_steps, 1)
        values = np.concatenate([*(self.recorded or [np.zeros(state.n_steps)]), now])
        return np.round(np.arange(values.size) * state.dt, 9), values


class DCSource(CurrentSource, electrodes.DCSource):  # type: ignore[misc]
    __doc__ = electrodes.DCSource.__doc__
    translations = same_names(electrodes.DCSource.default_parameters)

    def current_in(self, first: int, n: int) -> np.ndarray:
        """Return the current in nA in n steps from ``first`` on."""
        return self.values["amplitude"] * self.is_on(np.arange(first, first + n))


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = same_names(electrodes.StepCurrentSource.default_parameters)

    def checked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return times on the grid, of equal ones the last; ValueError for wrong ones."""
        times, amplitudes = values["times"], values["amplitudes"]
        if np.any(times < 0.0):
            raise ValueError("Step current cannot accept negative timestamps.")
        if np.any(np.diff(times) <= 0.0):
            raise ValueError("Step current timestamps should be monotonically increasing.")
        if times.size != amplitudes.size:
            raise ValueError("Step current must have an amplitude for each time.")
        steps = np.rint(times / state.dt)
        # Of several times in one step the last counts.
        is_last = np.append(np.diff(steps) > 0, True)[: steps.size]
        return {"times": np.round(steps * state.dt, 9)[is_last], "amplitudes": amplitudes[is_last]}

    def current_in(self, first: int, n: int) -> np.ndarray:
        """Return the current in nA in n steps from ``first`` on."""
        steps = np.rint(self.values["times"] / state.dt)
        k = np.searchsorted(steps, np.arange(first, first + n), side="right")
        return np.concatenate([[0.0], self.values["amplitudes"]])[k]


class ACSource(CurrentSource, electrodes.ACSource):  # type: ignore[misc]
    __doc__ = electrodes.ACSource.__doc__
    translations = same_names(electrodes.ACSource.default_parameters)
    is_stepwise = False

    def current_in(self, first: int, n: int) -> np.ndarray:
        """Return offset + amplitude sin(2 pi f (t - start) + phase) at the beginning of each step."""
        v, t = self.values, np.arange(first, first + n)
        # The phase is that at ``start``, not at time 0.
        since_s = (t - np.rint(v["start"] / state.dt)) * state.dt * 1e-3
        phase = 2 * np.pi * v["frequency"] * since_s + np.deg2rad(v["phase"])
        return (v["offset"] + v["amplitude"] * np.sin(phase)) * self.is_on(t)


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.NoisyCurrentSource.__doc__
    translations = same_names(electrodes.NoisyCurrentSource.default_parameters)
    is_stepwise = False

    def current_in(self, first: int, n: int) -> np.ndarray:
        """Return a normal number for each interval since start."""
        v, t = self.values, np.arange(first, first + n)
        every = max(1, round(v["dt"] / state.dt))
        # k: number of the interval since start
        k = np.maximum(t - int(np.rint(v["start"] / state.dt)), 0) // every
        # Numbers come in blocks with generators of their own: the same in any pieces.
        blocks = {b: self._block(b) for b in np.unique(k // BLOCK).tolist()}
        normal = np.array([blocks[j // BLOCK][j % BLOCK] for j in k.tolist()])
        return (v["mean"] + v["stdev"] * normal) * self.is_on(t)

    def _block(self, number: int) -> np.ndarray:
        key = [state.seed, 2, self.number, state.segment_counter, number]
        return np.random.default_rng(key).normal(size=BLOCK)
