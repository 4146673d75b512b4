"""The network that runs: built when it is first run, and kept up with what is set between runs."""

from __future__ import annotations

import numpy as np
from pyNN import errors

from distsnn.pynn.cells.trains import WINDOW_MS, Trains
from distsnn.pynn.description import Description, Wired, engine_initial
from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.recording import Signal
from distsnn.pynn.simulator import RunningNetwork, State
from distsnn.simulation import Simulation
from distsnn.time_grid import nearest_steps


class Engine:
    """A running network. All methods are collective.

    structure: what cannot be changed in a running network, to be compared. at: the step until which
    spikes of sources and moving currents have been handed over.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.description = Description(state)
        self.structure = structure_of(state)
        self.simulation = Simulation(
            self.description.network, comm=state.comm, most_input=self.description.most_input,
            noise_seed=noise_seed(state),
        )  # fmt: skip
        self._began_at = state.n_steps
        self._handed_until = 0
        self._collected_at = 0
        self._weights: dict[int, tuple[int, np.ndarray]] = {}
        self._parameters = {
            p.index: p.celltype.engine_parameters(p.parameters, state.dt) for p in self._neurons()
        }
        self._trains: dict[int, Trains] = {}
        self.initial_changed = False
        for population in state.populations:
            population.has_news = False
            population.news.clear()
        for projection in state.projections:
            projection.changed.clear()

    def _neurons(self) -> list[Population]:
        return [p for p in self.state.populations if not p.celltype.is_source]

    def _sources(self) -> list[Population]:
        return [p for p in self.state.populations if p.celltype.is_source]

    def close(self) -> None:
        """Close the simulation."""
        self.simulation.close()

    def run(self, end: int) -> None:
        """Run until a step, window by window."""
        state, window = self.state, max(1, round(WINDOW_MS / self.state.dt))
        self._take_news()
        # Windows end at multiples of their length, wherever a run ends.
        while state.n_steps < end:
            stop = min(end, (state.n_steps // window + 1) * window)
            self._hand_over(min((state.n_steps // window + 1) * window, 2**52))
            first = state.n_steps
            self.simulation.run(round((stop - first) * state.dt, 9))
            for source in state.current_sources:
                source.note(first, stop - first)
            state.n_steps = stop

    # What is set between runs.

    def _take_news(self) -> None:
        for population in self.state.populations:
            if population.celltype.is_source:
                self._renew_trains(population)
            else:
                self._set_parameters(population)
                self._set_states(population)
        self._begin_signals()
        for projection in self.state.projections:
            self._set_weights(projection)

    def _renew_trains(self, population: Population) -> None:
        state = self.state
        if population.has_news or population.index not in self._trains:
            key = (state.seed, 1, population.index, state.segment_counter)
            trains = population.celltype.trains(population.size, key)
            # A copy, since the values may be set again while these spikes are still to come.
            trains.restart({n: v.copy() for n, v in population.parameters.items()}, state.t)
            self._trains[population.index] = trains
            population.recorder.store.forget_after(state.t)
            population.has_news = False
            self._handed_until = state.n_steps

    def _set_parameters(self, population: Population) -> None:
        if not population.has_news:
            return
        cell = population.celltype
        # Only what differs is set: some parameters can only be given at the beginning.
        new = cell.engine_parameters(population.parameters, self.state.dt)
        before = self._parameters[population.index]
        changed = {
            cell.running_name(name): values
            for name, values in new.items()
            if not np.array_equal(values, before[name])
        }
        if changed:
            self.simulation.set(self._of(population), **changed)
        self._parameters[population.index] = new
        population.has_news = False

    def _set_states(self, population: Population) -> None:
        initial = engine_initial(population)
        for name, changed in population.news.items():
            variable, _ = population.celltype.all_variables()[name]
            cells = np.flatnonzero(changed)
            self.simulation.set(self._of(population)[cells], **{variable: initial[variable][cells]})
            self.initial_changed = True
        population.news.clear()

    def _set_weights(self, projection: Projection) -> None:
        if "weight" not in projection.changed:
            return
        for wired in self.beyond_bounds(projection):
            low, high = (bound / wired.scale for bound in wired.engine.settable_bounds)
            raise errors.InvalidWeightError(
                f"{projection.label}: weights must be from {low:g} to {high:g} after the first run, "
                "got others. Set them before, or after a reset()."
            )
        for wired in self._wired(projection):
            weights = projection.columns["weight"][wired.places] * wired.scale
            self.simulation.set_weights(wired.engine, weights)
        projection.changed.discard("weight")

    def beyond_bounds(self, projection: Projection) -> list[Wired]:
        """Return the parts of a projection with weights that the network was not built for."""
        parts = []
        for wired in self._wired(projection):
            low, high = wired.engine.settable_bounds
            weights = projection.columns["weight"][wired.places] * wired.scale
            # Bounds are float64 of what was given, to the last digits.
            slack = 1e-9 * max(abs(low), abs(high))
            if weights.min() < low - slack or weights.max() > high + slack:
                parts.append(wired)
        return parts

    def is_outgrown(self) -> bool:
        """Return whether the network has to be built again."""
        beyond = [p for p in self.state.projections if p.changed and self.beyond_bounds(p)]
        return self.structure != structure_of(self.state) or bool(beyond and not self.state.n_steps)

    def _hand_over(self, until: int) -> None:
        """Hand over spikes of sources and currents until a step, as far as that is yet to be done."""
        state = self.state
        are_new = any(source.has_news for source in state.current_sources)
        if self._handed_until < until or are_new:
            # Stepwise currents are handed over once, moving ones window by window.
            for injected in self.description.injected:
                if not injected.source.is_stepwise or injected.source.has_news:
                    what = injected.source.window(state.n_steps, until - state.n_steps)
                    injected.stimulus = self.simulation.set_input(injected.stimulus, what)
            for source in state.current_sources:
                source.__dict__["has_news"] = False
        if self._handed_until >= until:
            return
        for population in self._sources():
            self._hand_spikes(population, self._handed_until, until)
        self._handed_until = until

    def _hand_spikes(self, population: Population, first: int, until: int) -> None:
        dt_ms = self.state.dt
        window = round(first * dt_ms, 9), round(until * dt_ms, 9)
        times, cells = self._trains[population.index].window(*window)
        population.recorder.store.spikes.append((times, cells))
        # A spike acts at the end of its step; none in a step that has run.
        ends = np.maximum(nearest_steps(times, dt_ms), first + 1)
        self.simulation.set_spikes(self._of(population), np.round(ends * dt_ms, 9), cells)

    # What is read.

    def _of(self, population: Population):  # type: ignore[no-untyped-def]
        return self.description.populations[population.index]

    def _wired(self, projection: Projection) -> list[Wired]:
        return [wired for wired in self.description.wired if wired.projection is projection]

    def _begin_signals(self) -> None:
        """Begin the signals that are recorded from now on with the values of now."""
        # The first sample is the state before the next step.
        for population in self._neurons():
            signals = population.recorder.store.signals
            for name, cells in population.recorder.wanted().items():
                if name != "spikes" and name not in signals:
                    row = self._values(population, name, cells)
                    every = population.recorder.every
                    signals[name] = Signal(cells, every, self.state.n_steps, row)

    def _values(self, population: Population, name: str, cells: np.ndarray) -> np.ndarray:
        variable, scale = population.celltype.all_variables()[name]
        return self.simulation.get(self._of(population)[cells], variable) / scale

    def collect(self) -> None:
        """Fetch what was recorded since the last time, on every rank."""
        if self._collected_at == self.state.n_steps:
            return
        result = self.simulation.result()
        for population in self._neurons():
            store, wanted = population.recorder.store, population.recorder.wanted()
            engine = self._of(population)
            if "spikes" in wanted:
                # Steps are counted from the last time that recordings were fetched.
                steps, cells = self.state.together(result.spike_steps(engine))
                times = (steps + 1 + self._collected_at) * self.state.dt
                store.spikes.append((np.round(times, 9), cells))
            for name, signal in store.signals.items():
                variable, scale = population.celltype.all_variables()[name]
                rows = result.trace(engine, variable)[1].astype(np.float64) / scale
                signal.add(self.state.together(rows))
        # What has been fetched need not be kept twice.
        self.simulation.clear()
        self._collected_at = self.state.n_steps

    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights of now, in PyNN's unit."""
        # Asked for by single connections too, so once for each step is enough.
        known = self._weights.get(projection.index)
        if known is None or known[0] != self.state.n_steps:
            values = projection.columns["weight"].copy()
            for wired in self._wired(projection):
                values[wired.places] = self.simulation.weights(wired.engine) / wired.scale
            known = self._weights[projection.index] = self.state.n_steps, values
        return known[1]

    def reset(self) -> None:
        """Return to time 0, with the initial values as they are now."""
        for population in self.state.populations:
            population.recorder.begin_segment()
        for source in self.state.current_sources:
            source.forget()
            source.__dict__["has_news"] = True
        # At time 0 nothing is lost by building again.
        if self.initial_changed or self.structure != structure_of(self.state):
            self.state.close()
            return
        self.simulation.reset(noise_seed=noise_seed(self.state))
        self._handed_until = self._collected_at = 0
        self._trains.clear()
        self._weights.clear()


def noise_seed(state: State) -> int:
    """Return the seed of the noise of a segment."""
    # Segments differ in their noise; the factor keeps them apart from neighbouring seeds.
    return (state.seed + 1_000_003 * state.segment_counter) % 2**64


def structure_of(state: State) -> tuple[object, ...]:
    """Return what a network is built for, to be compared."""
    # Which cells spike is counted for all, so spikes of more cells are no other structure.
    recorded = tuple(
        (name, cells.tobytes() if name != "spikes" else b"")
        for p in state.populations
        for name, cells in sorted(p.recorder.wanted().items())
    )
    changed = tuple((p.index, *sorted(p.changed - {"weight"})) for p in state.projections)
    injected = tuple(
        (k, index, tuple(cells)) for source in state.current_sources
        for k, (index, cells) in enumerate(sorted(source.targets.items()))
    )  # fmt: skip
    return len(state.populations), changed, recorded, injected


def running_engine(state: State) -> RunningNetwork:
    """Return the network that runs, built anew where it has another structure."""
    engine = state.engine
    if isinstance(engine, Engine) and engine.is_outgrown():
        if state.n_steps:
            raise NotImplementedError(
                "distsnn: cells, synapses, delays, parameters of synapses, recorded variables and "
                "targets of current sources must be given before the first run, or after a reset(), "
                f"got some at {state.t} ms. Weights, parameters of cells, spike times and currents "
                "can be changed at any time."
            )
        state.close()
    return state.engine or Engine(state)
