"""What is read of a running network: recordings, weights, and the spikes of the last steps."""

from __future__ import annotations

import numpy as np

from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.running.carrying import NO_SPIKES, Spikes
from distsnn.pynn.running.description import Description
from distsnn.pynn.simulator import State
from distsnn.simulation import Simulation


class Readings:
    """Recordings and weights of a running network. All methods are collective.

    collected_at: the step until which recordings have been fetched. recent: by index of the population,
    the spikes that may be under way.
    """

    def __init__(self, state: State, simulation: Simulation, description: Description) -> None:
        self.state, self.simulation, self.description = state, simulation, description
        self.collected_at = state.n_steps
        self.recent: dict[int, Spikes] = {}
        self._weights: dict[int, tuple[int, np.ndarray]] = {}

    def reset(self) -> None:
        """Forget everything and begin at time 0."""
        self.collected_at = 0
        self.recent.clear()
        self._weights.clear()

    def begin_signals(self) -> None:
        """Begin the signals that are recorded from now on with the values of now."""
        # The first sample is the state before the next step.
        for population in self.description.neurons():
            signals = population.recorder.store.signals
            for name, cells in population.recorder.wanted().items():
                if name == "spikes":
                    continue
                row = self._values(population, name, cells)
                if name not in signals:
                    signals[name] = population.recorder.new_signal(cells, row)
                elif not np.array_equal(signals[name].cells, cells):
                    signals[name] = signals[name].with_cells(cells, row)

    def _values(self, population: Population, name: str, cells: np.ndarray) -> np.ndarray:
        variable, scale = population.celltype.all_variables()[name]
        return self.simulation.get(self.description.engine_of(population)[cells], variable) / scale

    def collect(self) -> None:
        """Fetch what was recorded since the last time, on every rank."""
        if self.collected_at == self.state.n_steps:
            return
        result = self.simulation.result()
        for population in self.description.neurons():
            store, wanted = population.recorder.store, population.recorder.wanted()
            engine = self.description.engine_of(population)
            # Steps are counted from the last time that recordings were fetched.
            steps, cells = self.state.together(result.spike_steps(engine))
            steps = np.asarray(steps, np.int64) + self.collected_at
            self._keep_recent(population.index, steps, cells)
            if "spikes" in wanted:
                store.spikes.append((np.round((steps + 1) * self.state.dt, 9), cells))
            for name, signal in store.signals.items():
                variable, scale = population.celltype.all_variables()[name]
                rows = result.trace(engine, variable)[1].astype(np.float64) / scale
                signal.add(self.state.together(rows))
        # What has been fetched need not be kept twice.
        self.simulation.clear()
        self.collected_at = self.state.n_steps

    def _keep_recent(self, index: int, steps: np.ndarray, cells: np.ndarray) -> None:
        """Keep the spikes of a population that may be under way."""
        before = self.recent.get(index, NO_SPIKES)
        steps, cells = np.concatenate([before[0], steps]), np.concatenate([before[1], cells])
        # A spike is under way for as many steps as its delay.
        is_recent = steps >= self.state.n_steps - self.description.longest_delay
        self.recent[index] = steps[is_recent], cells[is_recent].astype(np.int64)

    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights of now, in PyNN's unit."""
        # Asked for by single connections too, so once for each step is enough.
        known = self._weights.get(projection.index)
        if known is None or known[0] != self.state.n_steps:
            values = projection.columns["weight"].copy()
            for wired in self.description.wired_of(projection):
                values[wired.places] = self.simulation.weights(wired.engine) / wired.scale
            known = self._weights[projection.index] = self.state.n_steps, values
        return known[1]
