"""Runs a neuron model alone: its kernel is bound to a ring that the test fills by hand."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.kernels.neuron import driver as drv
from distsnn.kernels.neuron.constants import row_of
from distsnn.kernels.neuron.table_driver import ROWS_PER_RECEPTOR, takes_table


@dataclass
class Run:
    """spikes: bool [steps, n]; states: name -> float64 [steps, n], absolute values."""

    spikes: np.ndarray
    states: dict[str, np.ndarray]

    def steps(self, neuron: int = 0) -> np.ndarray:
        """Return the steps in which a neuron spiked."""
        return np.flatnonzero(self.spikes[:, neuron])


class Alone:
    """n neurons of one model, bound to arrays of their own (ring of one slot, quantum 1)."""

    def __init__(
        self,
        model: Any,
        n: int = 1,
        dt_ms: float = 0.1,
        initial: Mapping[str, Any] | None = None,
        quantum: float = 1.0,
        key: int = 0,
    ) -> None:
        self.model, self.n, self.quantum = model, n, quantum
        self.n_receptors = len(model.receptors)
        self.ring = np.zeros((max(1, self.n_receptors), n), dtype=np.int32)
        self.current = np.zeros(n, dtype=np.float32)
        self.spiked = np.zeros(n, dtype=np.uint8)
        self.rows = np.zeros((len(model.states), n), dtype=np.float32)
        self.states = {}
        for row, (name, dtype) in zip(self.rows, model.states.items(), strict=True):
            value = {**model.initial(), **(initial or {})}.get(name, 0.0)
            self.states[name] = row.view(dtype)
            self.states[name][:] = np.asarray(value, np.float64) - model.offsets.get(name, 0.0)
        self.advance = self._bind(dt_ms, key)

    def _bind(self, dt_ms: float, key: int) -> Callable[[int], int]:
        n, r = self.n, max(1, self.n_receptors)
        table = np.zeros((1, drv.N_SLICE_COLUMNS), dtype=np.int64)
        table[0, drv.N] = n
        table[0, drv.N_RECEPTORS] = self.n_receptors
        table[0, drv.NOISE_KEY_LOW] = key & 0xFFFFFFFF
        table[0, drv.NOISE_KEY_HIGH] = key >> 32
        kernel = importlib.import_module(type(self.model).__module__).advance
        whole = [self.rows, self.rows.view(np.int32)]
        states = whole if takes_table(kernel) else list(self.states.values())
        return kernel.bind(
            table,
            np.array([0, 0, n], dtype=np.int64),
            row_of(self.model.constants(dt_ms))[np.newaxis].astype(np.float32),
            np.full((1, r), self.quantum, dtype=np.float32),
            np.zeros((0, drv.N_STIMULUS_COLUMNS), dtype=np.int64),
            np.zeros(0, np.float32),
            np.zeros(0, np.uint32),
            np.zeros((r, n), dtype=np.float32),
            self.ring.reshape(-1),
            self.current,
            np.zeros((ROWS_PER_RECEPTOR * r, n + 64), dtype=np.float32),
            np.zeros(4 * n + 64, dtype=np.uint32),
            self.spiked,
            *states,
        )

    def value(self, name: str) -> np.ndarray:
        """Return a state variable, absolute, float64 [n]."""
        return self.states[name].astype(np.float64) + self.model.offsets.get(name, 0.0)

    def run(
        self,
        n_steps: int,
        inputs: np.ndarray | None = None,
        current: np.ndarray | float = 0.0,
        record: tuple[str, ...] = ("v",),
        t_start: int = 0,
    ) -> Run:
        """Advance. inputs: int [steps, receptors, n] or [steps, receptors], in quanta, arriving in
        that step. current: pA, a number, [steps] or [steps, n]."""
        current = np.asarray(current, dtype=np.float32)
        spikes = np.zeros((n_steps, self.n), dtype=bool)
        traces = {name: np.zeros((n_steps, self.n)) for name in record}
        for t in range(n_steps):
            if inputs is not None:
                arriving = np.asarray(inputs[t])
                self.ring += arriving[:, None] if arriving.ndim == 1 else arriving
            self.current[:] = current if current.ndim == 0 else current[t]
            self.advance(t_start + t)
            spikes[t] = self.spiked != 0
            for name, trace in traces.items():
                trace[t] = self.value(name)
        return Run(spikes, traces)
