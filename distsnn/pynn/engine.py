"""The network that runs: built when it is first run, and kept up with what is set between runs."""

from __future__ import annotations

import numpy as np
from pyNN import errors

from distsnn.pynn.carrying import SILENT_STEPS, Carried, Spikes, UnderWay, arrivals
from distsnn.pynn.description import Description, Wired, engine_initial
from distsnn.pynn.inputs import NO_SPIKES, Inputs
from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.simulator import RunningNetwork, State
from distsnn.simulation import Simulation
from distsnn.time_grid import nearest_steps

# Of cells that know no refractory time (Izhikevich): far from a spike, in mV.
REST = {"v": -70.0}


class Engine:
    """A running network. All methods are collective.

    structure: what cannot be changed in a running network, to be compared. initial_changed: whether
    states were set since it was built.
    """

    def __init__(self, state: State, carried: Carried | None = None) -> None:
        """carried: what an earlier network leaves, which goes on in this one."""
        self.state = state
        self.description = Description(state, carried)
        self.structure = structure_of(state)
        self._n_before = carried.n_before if carried else 0
        self._began_at = state.n_steps
        self._came_with = carried.under_way if carried else []
        self.simulation = Simulation(
            self.description.network, comm=state.comm, most_input=self.description.most_input,
            noise_seed=noise_seed(state, self._n_before),
        )  # fmt: skip
        began_at = state.n_steps
        if carried is not None:
            began_at = carried.at - 1
            self._go_to_now(carried)
        self.inputs = Inputs(state, self.simulation, self.description, began_at, carried)
        self._collected_at = state.n_steps
        # Spikes of the last steps by population, which may be under way.
        self._recent: dict[int, Spikes] = {}
        self._weights: dict[int, tuple[int, np.ndarray]] = {}
        self._parameters = {
            p.index: p.celltype.engine_parameters(p.parameters, state.dt) for p in self._neurons()
        }
        self.initial_changed = carried is not None
        self._forget_news(carried)

    def _forget_news(self, carried: Carried | None) -> None:
        """Forget what was set before, which the network was built with."""
        for population in self.state.populations:
            is_carried = carried is not None and population.index < carried.n_populations
            # Sources make their spikes anew; states that were set last count for carried cells.
            if not (is_carried and population.celltype.is_source):
                population.has_news = False
            if not is_carried:
                population.news.clear()
        for projection in self.state.projections:
            projection.changed.clear()

    def _go_to_now(self, carried: Carried) -> None:
        """Let the spikes that are under way begin, and give all cells their states."""
        begins = {p.index: self._states(p) for p in self._neurons()}
        for population in self._neurons():
            silent = (
                {"refractory": SILENT_STEPS} if "refractory" in begins[population.index] else REST
            )
            self.simulation.set(self._of(population), **silent)
        self.simulation.run(self.state.dt)
        self.simulation.clear()
        for population in self._neurons():
            states = carried.states.get(population.index, begins[population.index])
            self.simulation.set(self._of(population), **states)
        for wired in self.description.wired:
            weights = carried.weights.get(wired.projection.index)
            if weights is not None:
                self.simulation.set_weights(wired.engine, weights[wired.places] * wired.scale)

    def _states(self, population: Population) -> dict[str, np.ndarray]:
        """Return the state variables of the model of a population."""
        engine = self._of(population)
        return {name: self.simulation.get(engine, name) for name in engine.model.states}

    def leave(self) -> Carried:
        """Return what the next network needs to go on from here."""
        self.collect()
        state, inputs = self.state, self.inputs
        carried = Carried(
            state.n_steps, inputs.handed_until, self._n_before + 1, len(self.description.populations),
            trains=inputs.trains, handed=inputs.handed,
        )  # fmt: skip
        for population in self._neurons()[: carried.n_populations]:
            carried.states[population.index] = self._states(population)
        for projection in dict.fromkeys(wired.projection for wired in self.description.wired):
            if projection.synapse_type.changes_weights:
                carried.weights[projection.index] = projection.column("weight")
        for wired in self.description.wired:
            carried.under_way += self._under_way(wired)
        # What was under way before, and still is.
        elapsed = state.n_steps - self._began_at
        carried.under_way += [spikes.after(elapsed) for spikes in self._came_with]
        return carried

    def _under_way(self, wired: Wired) -> list[UnderWay]:
        """Return the spikes of a part of a projection that have not arrived."""
        state = self.state
        spikes = self._recent.get(wired.source, NO_SPIKES)
        if wired.source in self.inputs.handed:
            # A spike at the end of a step is one of that step.
            ends, cells = self.inputs.handed[wired.source]
            is_new = (ends > self._began_at) & (ends <= state.n_steps)
            spikes = ends[is_new] - 1, cells[is_new]
        if not spikes[0].size:
            return []
        synapses = self.simulation.connections(wired.engine)
        delays = nearest_steps(synapses.delays_ms, state.dt).astype(np.int64)
        chosen, left = arrivals(spikes, synapses.pre, delays, state.n_steps)
        if not chosen.size:
            return []
        rule = wired.engine.plasticity
        # Learning needs the cell before the synapse; releasing at random does not.
        rule = None if rule is None or rule.changes_weights else rule
        return [
            UnderWay(
                wired.target, wired.receptor, rule, synapses.post[chosen],
                synapses.weights[chosen], left,
            )
        ]  # fmt: skip

    def _neurons(self) -> list[Population]:
        n_built = len(self.description.populations)
        return [p for p in self.state.populations[:n_built] if not p.celltype.is_source]

    def close(self) -> None:
        """Close the simulation."""
        self.simulation.close()

    def run(self, end: int) -> None:
        """Run until a step, window by window."""
        state = self.state
        self._take_news()
        while state.n_steps < end:
            stop = min(end, self.inputs.end_of_window())
            self.inputs.hand_over()
            first = state.n_steps
            self.simulation.run(round((stop - first) * state.dt, 9))
            for source in state.current_sources:
                source.note(first, stop - first)
            state.n_steps = stop
            # Spikes that nobody asked for are only kept while they may be under way.
            if any("spikes" not in p.recorder.wanted() for p in self._neurons()):
                self.collect()

    # What is set between runs.

    def _take_news(self) -> None:
        self.inputs.renew_trains()
        for population in self._neurons():
            self._set_parameters(population)
            self._set_states(population)
        self._begin_signals()
        for projection in self.state.projections:
            self._set_weights(projection)

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
                f"{projection.label}: weights must be from {low:g} to {high:g}, the bounds of "
                "learning, got others. Give the weight dependence another w_max."
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
        static = [p for p in self.state.projections if not p.synapse_type.changes_weights]
        beyond = any(p.changed and self.beyond_bounds(p) for p in static)
        return beyond or self.structure != structure_of(self.state)

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
                if name == "spikes":
                    continue
                row = self._values(population, name, cells)
                if name not in signals:
                    signals[name] = population.recorder.new_signal(cells, row)
                elif not np.array_equal(signals[name].cells, cells):
                    signals[name] = signals[name].with_cells(cells, row)

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
            # Steps are counted from the last time that recordings were fetched.
            steps, cells = self.state.together(result.spike_steps(engine))
            steps = np.asarray(steps, np.int64) + self._collected_at
            self._keep_recent(population.index, steps, cells)
            if "spikes" in wanted:
                store.spikes.append((np.round((steps + 1) * self.state.dt, 9), cells))
            for name, signal in store.signals.items():
                variable, scale = population.celltype.all_variables()[name]
                rows = result.trace(engine, variable)[1].astype(np.float64) / scale
                signal.add(self.state.together(rows))
        # What has been fetched need not be kept twice.
        self.simulation.clear()
        self._collected_at = self.state.n_steps

    def _keep_recent(self, index: int, steps: np.ndarray, cells: np.ndarray) -> None:
        """Keep the spikes of a population that may be under way."""
        before = self._recent.get(index, NO_SPIKES)
        steps, cells = np.concatenate([before[0], steps]), np.concatenate([before[1], cells])
        is_recent = steps >= self.state.n_steps - self.description.longest_delay
        self._recent[index] = steps[is_recent], cells[is_recent].astype(np.int64)

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
        self.inputs.reset()
        self._collected_at = self._began_at = 0
        self._recent.clear()
        self._weights.clear()


def noise_seed(state: State, n_before: int = 0) -> int:
    """Return the seed of the noise of a segment, and of a network after n_before others in it."""
    # Segments differ in their noise; the factors keep them apart from neighbouring seeds.
    return (state.seed + 1_000_003 * state.segment_counter + 7_368_787 * n_before) % 2**64


def structure_of(state: State) -> tuple[object, ...]:
    """Return what a network is built for, to be compared."""
    recorded = tuple(
        (name, cells.tobytes())
        for p in state.populations
        for name, cells in sorted(p.recorder.wanted().items())
        if name != "spikes"  # those of all cells are known
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
    if not isinstance(engine, Engine):
        return Engine(state)
    if not engine.is_outgrown():
        return engine
    carried = None
    if state.n_steps:
        require_carriable(state)
        carried = engine.leave()
    state.close()
    return Engine(state, carried)


def require_carriable(state: State) -> None:
    """Raise NotImplementedError for synapses with a state of their own, which would be lost."""
    for projection in state.projections:
        if projection.synapse_type.has_state:
            raise NotImplementedError(
                f"{projection.label}: cells, synapses, delays, recordings and electrodes must be given "
                f"before the first run or after a reset(), got some at {state.t} ms. Synapses of "
                f"{type(projection.synapse_type).__name__} cannot be carried over."
            )
