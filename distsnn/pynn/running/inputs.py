"""What drives a running network from outside, handed over window by window: spikes and currents."""

from __future__ import annotations

import numpy as np

from distsnn.pynn.cells.trains import WINDOW_MS, Trains
from distsnn.pynn.populations import Population
from distsnn.pynn.running.carrying import NO_SPIKES, Carried, GivenSpikes
from distsnn.pynn.running.description import Description
from distsnn.pynn.simulator import State
from distsnn.simulation import Simulation
from distsnn.time_grid import nearest_steps


class Inputs:
    """The spikes of sources and the currents of electrodes. All methods are collective.

    began_at: the step at which the network's own time is 0. given: the spikes of sources, of as many
    steps back as delays last.
    """

    def __init__(
        self, state: State, simulation: Simulation, description: Description,
        began_at: int, carried: Carried | None,
    ) -> None:  # fmt: skip
        self.state, self.simulation, self.description = state, simulation, description
        self.began_at = began_at
        self.window = max(1, round(WINDOW_MS / state.dt))
        self.given = carried.given if carried else GivenSpikes(state.n_steps)
        # Into a new network, what earlier ones were given for later steps.
        for population in self._sources():
            if population.index in self.given.handed:
                self._play(population)
        for source in state.current_sources:
            source.__dict__["has_news"] = True

    def _sources(self) -> list[Population]:
        return [p for p in self.state.populations if p.celltype.is_source]

    def end_of_window(self) -> int:
        """Return the step at which the window of now ends."""
        # Windows end at multiples of their length, wherever a run ends.
        return min((self.state.n_steps // self.window + 1) * self.window, 2**52)

    def reset(self) -> None:
        """Forget everything and begin at time 0."""
        self.given = GivenSpikes(0)

    def renew_trains(self) -> None:
        """Begin the spikes of sources anew whose parameters were set, or which are new."""
        state = self.state
        for population in self._sources():
            if not population.has_news and population.index in self.given.trains:
                continue
            trains = self._new_trains(population)
            # A copy, since the values may be set again while these spikes are still to come.
            trains.restart({n: v.copy() for n, v in population.parameters.items()}, state.t)
            self.given.trains[population.index] = trains
            population.recorder.store.forget_after(state.t)
            ends, cells = self.given.handed.get(population.index, NO_SPIKES)
            self.given.handed[population.index] = (
                ends[ends <= state.n_steps], cells[ends <= state.n_steps],
            )  # fmt: skip
            population.has_news = False
            # Others have been handed over until the end of the window, and go on from there.
            if state.n_steps < self.given.until:
                self._draw(population, state.n_steps, self.given.until)
                self._play(population)

    def _new_trains(self, population: Population) -> Trains:
        key = (self.state.seed, 1, population.index, self.state.segment_counter)
        trains: Trains = population.celltype.trains(population.size, key)
        return trains

    def hand_over(self) -> None:
        """Hand over the rest of the window of now, as far as that is yet to be done."""
        until = self.end_of_window()
        self._hand_currents(until)
        if self.given.until < until:
            for population in self._sources():
                self._draw(population, self.given.until, until)
                self._play(population)
            self.given.until = until

    def _hand_currents(self, until: int) -> None:
        state = self.state
        is_new_window = self.given.until < until
        for injected in self.description.injected:
            if is_new_window or injected.source.has_news:
                now = injected.source.window(state.n_steps, until - state.n_steps, self.began_at)
                injected.stimulus = self.simulation.set_input(injected.stimulus, now)
        for source in state.current_sources:
            source.__dict__["has_news"] = False

    def _draw(self, population: Population, first: int, until: int) -> None:
        """Make the spikes of a source of some steps, beside those that it has already."""
        dt_ms = self.state.dt
        window = round(first * dt_ms, 9), round(until * dt_ms, 9)
        times, cells = self.given.trains[population.index].window(*window)
        population.recorder.store.spikes.append((times, cells))
        # A spike acts at the end of its step; none in a step that has run.
        ends = np.maximum(nearest_steps(times, dt_ms), first + 1).astype(np.int64)
        before, cells_before = self.given.handed.get(population.index, NO_SPIKES)
        is_kept = before > first - self.description.longest_delay
        self.given.handed[population.index] = (
            np.concatenate([before[is_kept], ends]), np.concatenate([cells_before[is_kept], cells]),
        )  # fmt: skip

    def _play(self, population: Population) -> None:
        ends, cells = self.given.handed[population.index]
        is_to_come = ends > self.state.n_steps
        times = np.round((ends[is_to_come] - self.began_at) * self.state.dt, 9)
        engine = self.description.populations[population.index]
        self.simulation.set_spikes(engine, times, cells[is_to_come])
