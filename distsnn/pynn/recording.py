"""Recorded spikes and signals, fetched from the running network and kept by population."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from distsnn.pynn import simulator
from distsnn.pynn.simulator import state


class Signal:
    """Samples of a variable of some cells.

    cells: int64, ascending. every: steps between samples. rows: arrays float64 [samples,
    cells] one after the other, from the step ``first`` on. n_rows: of all
    steps since then, of which every k-th is kept.
    """

    def __init__(self, cells: np.ndarray, every: int, first: int, row: np.ndarray) -> None:
        self.cells, self.every = cells, every
        self.begin(first, row)

    def begin(self, first: int, row: np.ndarray) -> None:
        """Forget all samples and begin with that of now."""
        self.first, self.n_rows = first, 1
        self.rows = [row[np.newaxis]]

    def add(self, rows: np.ndarray) -> None:
        """Add the rows of the next steps, one for each."""
        # Rows to pass over until the next multiple of the interval.
        skip = -self.n_rows % self.every
        self.rows.append(rows[skip :: self.every].astype(np.float64))
        self.n_rows += len(rows)

    def with_cells(self, cells: np.ndarray, row: np.ndarray) -> Signal:
        """Return a signal of other cells, whose earlier samples are NaN."""
        new = Signal(cells, self.every, self.first, row)
        before = np.concatenate(self.rows)
        table = np.full((len(before), cells.size), np.nan)
        known = np.isin(cells, self.cells)
        if (self.n_rows - 1) % self.every == 0:
            table[-1] = row
        table[:, known] = before[:, np.searchsorted(self.cells, cells[known])]
        new.rows, new.n_rows = [table], self.n_rows
        return new


class Store:
    """What has been recorded of a population.

    spikes: times (ms) and cells, in pieces. signals: by variable. from_ms: when recording began.
    cells_from_ms: of cells that were recorded later, when that was, float64 [cells], else -1.
    """

    def __init__(self, size: int) -> None:
        self.cells_from_ms = np.full(size, -1.0)
        self.spikes: list[tuple[np.ndarray, np.ndarray]] = []
        self.signals: dict[str, Signal] = {}
        self.from_ms = 0.0

    def all_spikes(self, until_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Return times (ms) and cells of the spikes since recording began, until a time."""
        if not self.spikes:
            return np.empty(0), np.empty(0, np.int64)
        times, cells = (np.concatenate(part) for part in zip(*self.spikes, strict=True))
        # (from, until]; a given spike at time 0 belongs to the first segment.
        chosen = (times > self.from_ms) & (times <= until_ms + 1e-9)
        if self.from_ms == 0.0:
            chosen |= times == 0.0
        chosen &= times > self.cells_from_ms[cells]
        return times[chosen], cells[chosen]

    def forget_after(self, t_ms: float) -> None:
        """Forget spikes later than a time, which are made again."""
        self.spikes = [(t[t <= t_ms + 1e-9], c[t <= t_ms + 1e-9]) for t, c in self.spikes]


class Recorder(recording.Recorder):  # type: ignore[misc]
    """Records variables of a population. store: what was recorded in the present segment."""

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self.store = Store(self.population.size)

    def wanted(self) -> dict[str, np.ndarray]:
        """Return the recorded cells by variable, int64, ascending."""
        first = int(self.population.first_id)
        return {
            variable.name: np.sort(np.array([int(i) for i in ids], np.int64)) - first
            for variable, ids in self.recorded.items()
            if ids
        }

    @property
    def every(self) -> int:
        """Steps between samples."""
        return max(1, round(self.sampling_interval / state.dt))

    def new_signal(self, cells: np.ndarray, row: np.ndarray) -> Signal:
        """Return a signal that begins with the values of now."""
        # All signals of a population begin at one time: earlier samples of a later one are NaN.
        first = round(float(self._recording_start_time.rescale("ms").magnitude) / state.dt)
        rows = np.full((state.n_steps - first + 1, cells.size), np.nan)
        rows[-1] = row
        signal = Signal(cells, self.every, first, rows[0])
        signal.add(rows[1:])
        return signal

    def get(self, *args: Any, **named: Any) -> Any:
        """Return the recorded data as a Neo Block, on every rank. Collective."""
        _collect()
        return super().get(*args, **named)

    def count(self, *args: Any, **named: Any) -> Any:
        """Return the number of spikes by cell, on every rank. Collective."""
        _collect()
        return super().count(*args, **named)

    def store_to_cache(self, annotations: Any = None) -> None:
        """Keep the present segment, which a reset ends. Collective."""
        _collect()
        super().store_to_cache(annotations)

    def write(
        self, variables: Any, file: Any = None, gather: bool = False, *args: Any, **named: Any
    ) -> None:
        """Write recorded data with Neo: rank 0 does, which has them all. Collective."""
        super().write(variables, file, True, *args, **named)
        state.comm.barrier()  # afterwards every rank can read the file

    @property
    def metadata(self) -> dict[str, Any]:
        """Annotations of the data."""
        return {**super().metadata, "mpi_processes": state.n_ranks}

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        if variable.name != "spikes":
            if sampling_interval is not None:
                self.sampling_interval = sampling_interval
        elif state.n_steps and new_ids:
            places = np.array([int(i) for i in new_ids]) - int(self.population.first_id)
            self.store.cells_from_ms[places] = state.t

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        times, cells = self.store.all_spikes(state.t)
        # Neo makes trains of these when they are asked for.
        base = int(self.population.first_id)
        is_chosen = np.zeros(self.population.size, dtype=bool)
        is_chosen[np.atleast_1d(np.array(ids, dtype=np.int64)) - base] = True
        kept = is_chosen[cells]
        times, cells = times[kept], cells[kept]
        order = np.lexsort((times, cells))
        return cells[order] + base, times[order]

    def _get_all_signals(
        self, variable: Any, ids: Any, clear: bool = False
    ) -> tuple[np.ndarray, None]:
        signal = self.store.signals.get(variable.name)
        if signal is None:
            return np.empty((0, 0)), None
        chosen = np.array(ids, dtype=np.int64) - int(self.population.first_id)
        return np.concatenate(signal.rows)[:, np.searchsorted(signal.cells, chosen)], None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(int(i) for i in self.filter_recorded(variable, filter_ids))
        _, cells = self.store.all_spikes(state.t)
        counts = np.bincount(cells, minlength=self.population.size)
        return {i: int(counts[i - int(self.population.first_id)]) for i in ids}

    def _clear_simulator(self) -> None:
        # Spikes that are still to come stay; signals begin with their last sample.
        self.store.from_ms = state.t
        self.store.spikes = [(t[t > state.t], c[t > state.t]) for t, c in self.store.spikes]
        for signal in self.store.signals.values():
            signal.begin(state.n_steps, np.concatenate(signal.rows)[-1])

    def _reset(self) -> None:
        self.store.signals.clear()

    def begin_segment(self) -> None:
        """Forget the segment before the last reset."""
        self.store = Store(self.population.size)


def _collect() -> None:
    if state.engine is not None:
        state.engine.collect()
