"""The network that runs: built when it is first run, and kept up with what is set between runs."""

from __future__ import annotations

import numpy as np
from pyNN import errors

from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.running.carrying import Carried
from distsnn.pynn.running.description import Description, Wired, engine_initial
from distsnn.pynn.running.handover import Parts, go_to_now, leave
from distsnn.pynn.running.inputs import Inputs
from distsnn.pynn.running.readings import Readings
from distsnn.pynn.running.structure import noise_seed, structure_of
from distsnn.pynn.simulator import RunningNetwork, State
from distsnn.simulation import Simulation


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
            # Its own time begins one step before now.
            began_at = carried.at - 1
            go_to_now(self.simulation, self.description, carried)
        self.inputs = Inputs(state, self.simulation, self.description, began_at, carried)
        self.readings = Readings(state, self.simulation, self.description)
        self._parameters = {
            p.index: p.celltype.engine_parameters(p.parameters, state.dt)
            for p in self.description.neurons()
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
            # Spikes that nobody asked for are kept while they may be under way, at most for a window.
            recorders = [p.recorder for p in self.description.neurons()]
            if stop % self.inputs.window == 0 and any(
                "spikes" not in r.wanted() for r in recorders
            ):
                self.collect()

    # What is set between runs.

    def _take_news(self) -> None:
        self.inputs.renew_trains()
        for population in self.description.neurons():
            self._set_parameters(population)
            self._set_states(population)
        self.readings.begin_signals()
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
            self.simulation.set(self.description.engine_of(population), **changed)
        self._parameters[population.index] = new
        population.has_news = False

    def _set_states(self, population: Population) -> None:
        initial = engine_initial(population)
        for name, changed in population.news.items():
            variable, _ = population.celltype.all_variables()[name]
            cells = np.flatnonzero(changed)
            self.simulation.set(
                self.description.engine_of(population)[cells],
                **{variable: initial[variable][cells]},
            )
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
        for wired in self.description.wired_of(projection):
            weights = projection.columns["weight"][wired.places] * wired.scale
            self.simulation.set_weights(wired.engine, weights)
        projection.changed.discard("weight")

    def beyond_bounds(self, projection: Projection) -> list[Wired]:
        """Return the parts of a projection with weights that the network was not built for."""
        parts = []
        for wired in self.description.wired_of(projection):
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

    def collect(self) -> None:
        """Fetch what was recorded since the last time, on every rank."""
        self.readings.collect()

    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights of now, in PyNN's unit."""
        return self.readings.weights(projection)

    def leave(self) -> Carried:
        """Return what the next network needs to go on from here."""
        return leave(
            Parts(
                self.description, self.simulation, self.inputs, self.readings,
                self._began_at, self._n_before, self._came_with,
            )
        )  # fmt: skip

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
        self.readings.reset()
        self._began_at = 0


def running_engine(state: State) -> RunningNetwork:
    """Return the network that runs, built anew where it has another structure."""
    engine = state.engine
    if not isinstance(engine, Engine):
        return Engine(state)
    if not engine.is_outgrown():
        return engine
    carried = engine.leave() if state.n_steps else None
    state.close()
    return Engine(state, carried)
