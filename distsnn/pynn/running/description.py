"""What has been described with PyNN, as a network of distsnn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyNN import errors

from distsnn.network import ExplicitList, Network
from distsnn.network.description import Population as EnginePopulation
from distsnn.network.description import Projection as EngineProjection
from distsnn.network.description import Stimulus
from distsnn.pynn.electrodes import CurrentSource
from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.running.carrying import Carried
from distsnn.pynn.simulator import State
from distsnn.stimuli import SpikeSource
from distsnn.time_grid import nearest_steps

MAX_RULES = 1000  # of one projection with different parameters of its synapses


@dataclass(eq=False)
class Wired:
    """Synapses of one projection that are one of the engine.

    source, target: indices of the populations. receptor: its name in the engine. places: int64, the
    synapses in the order in which the engine lists them. scale: PyNN's unit of weights in the engine's.
    """

    projection: Projection
    engine: EngineProjection
    source: int
    target: int
    receptor: str
    places: np.ndarray
    scale: float


@dataclass(eq=False)
class Injected:
    """A current source onto cells of one population."""

    source: CurrentSource
    stimulus: Stimulus


class Description:
    """A network made of all that the state holds: its parts by those of PyNN.

    populations: in PyNN's order. wired: the parts of the projections. injected: the current sources.
    longest_delay: of all synapses, in steps. carried: what an earlier network has left.
    """

    def __init__(self, state: State, carried: Carried | None = None) -> None:
        self.state = state
        self.network = Network(dt_ms=state.dt, seed=state.seed, name="pynn")
        self.populations = [self._add_population(p) for p in state.populations]
        self.wired = [wired for p in state.projections for wired in self._add_projection(p)]
        longest_ms = max((p.delay_range[1] for p in state.projections), default=state.dt)
        self.longest_delay = max(1, int(nearest_steps(np.array([longest_ms]), state.dt)[0]))
        self.injected = [i for source in state.current_sources for i in self._add_source(source)]
        self._record()
        if carried is not None:
            carried.add_source(self.network, self.populations)

    @property
    def most_input(self) -> int:
        """Spikes in a step beyond one for each source, for which memory is reserved."""
        return 64 + sum(p.size for p in self.state.populations if p.celltype.is_source)

    def engine_of(self, population: Population) -> EnginePopulation:
        """Return the population of the engine."""
        return self.populations[population.index]

    def neurons(self) -> list[Population]:
        """Return the populations that are no sources, as many as there were when it was made."""
        made = self.state.populations[: len(self.populations)]
        return [p for p in made if not p.celltype.is_source]

    def wired_of(self, projection: Projection) -> list[Wired]:
        """Return the parts of a projection."""
        return [wired for wired in self.wired if wired.projection is projection]

    def _add_population(self, population: Population) -> EnginePopulation:
        cell, values, dt_ms = population.celltype, population.parameters, self.state.dt
        name = f"population_{population.index}"
        if cell.is_source:
            # Spikes follow window by window; they are recorded where they are made.
            model = SpikeSource([], [], n_sources=population.size, measured=True)
            new = self.network.population(name, population.size, model)
            self.network.record_spikes(new, False)
            return new
        # Values that all cells share make a simpler model.
        initial = engine_initial(population)
        new = self.network.population(
            name, population.size, cell.engine_model(values, dt_ms), initial=initial
        )
        # All spikes are recorded: those of now may be under way when the network has to be built anew.
        return new

    def _record(self) -> None:
        for population, engine in zip(self.state.populations, self.populations, strict=True):
            variables = population.celltype.all_variables()
            for name, cells in population.recorder.wanted().items():
                if name != "spikes":
                    self.network.record(engine, variables[name][0], neurons=cells)

    def _add_source(self, source: CurrentSource) -> Iterator[Injected]:
        # A first current; the real one follows before the run.
        now = source.window(0, 1)
        for index, cells in source.targets.items():
            # A cell into which a source is injected twice has twice its current.
            for times in range(max(np.bincount(cells))):
                chosen = np.flatnonzero(np.bincount(cells) > times)
                stimulus: Any = self.network.stimulate(self.populations[index][chosen], now)
                yield Injected(source, stimulus)

    def _add_projection(self, projection: Projection) -> Iterator[Wired]:
        if not len(projection):
            return
        sources, pre = self._cells(projection.pre, projection.pre_index)
        targets, post = self._cells(projection.post, projection.post_index)
        groups = groups_of(projection)
        # One projection of the engine for each pair of populations and set of parameters.
        n = len(self.populations)
        keys = (groups * n + sources) * n + targets
        kinds = keys[:1] if np.all(keys == keys[0]) else np.unique(keys)
        for key in kinds.tolist():
            places = np.arange(keys.size) if kinds.size == 1 else np.flatnonzero(keys == key)
            yield self._wire(projection, key // n % n, key % n, places, pre, post)

    def _wire(
        self, projection: Projection, source: int, target: int, places: np.ndarray,
        pre: np.ndarray, post: np.ndarray,
    ) -> Wired:  # fmt: skip
        cell = self.state.populations[target].celltype
        dt_ms, columns = self.state.dt, projection.columns
        scale = cell.weight_scale
        # The first synapse speaks for all: they have the same parameters, but weight and delay.
        numbers = {name: float(column[places[0]]) for name, column in columns.items()}
        weights = columns["weight"][places] * scale
        # Delays go to the nearest step, at least one.
        delays = np.maximum(nearest_steps(columns["delay"][places], dt_ms), 1)
        rule = projection.synapse_type.engine_rule(numbers, scale)
        share = numbers.get("dendritic_delay_fraction", 0.0)
        receptor = cell.all_receptors()[projection.receptor_type]
        engine = self.network.connect(
            self.populations[source], self.populations[target],
            ExplicitList(pre[places], post[places], weights, np.round(delays * dt_ms, 9)),
            receptor=receptor, plasticity=rule,
            dendritic_share=share if rule is not None and rule.changes_weights else 0.0,
        )  # fmt: skip
        order = engine_order(pre[places], post[places], delays)
        return Wired(projection, engine, source, target, receptor, places[order], scale)

    def _cells(self, cells: Any, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the population of each of some cells, by index, and its place there, int64."""
        # Cells are numbered through all populations, in the order in which these were made.
        ids = np.array(cells.all_cells, dtype=np.int64)
        populations = self.state.population_of(ids)
        firsts = np.array([int(p.first_id) for p in self.state.populations])
        return populations[index], (ids - firsts[populations])[index]


def engine_order(pre: np.ndarray, post: np.ndarray, delays: np.ndarray) -> np.ndarray:
    """Return the order in which ``Simulation.weights`` lists synapses, int64."""
    # Mostly they are listed so already, with one synapse for a pair.
    pairs = post * (int(pre.max()) + 1) + pre
    if np.all(pairs[1:] > pairs[:-1]):
        return np.arange(pairs.size)
    return np.lexsort((delays, pre, post))


def groups_of(projection: Projection) -> np.ndarray:
    """Return the number of the set of parameters of each synapse, but weight and delay, int64."""
    names = [name for name in projection.columns if name not in ("weight", "delay")]
    if not names:
        return np.zeros(len(projection), np.int64)
    # [parameters, synapses]: mostly all columns are equal
    table = np.stack([projection.columns[name] for name in names])
    if np.all(table == table[:, :1]):
        return np.zeros(len(projection), np.int64)
    kinds, group = np.unique(table, axis=1, return_inverse=True)
    if kinds.shape[1] > MAX_RULES:
        raise errors.InvalidParameterValueError(
            f"{projection.label}: parameters of synapses beside weight and delay must have at most "
            f"{MAX_RULES} different sets of values, got {kinds.shape[1]}. Use fewer."
        )
    return np.ravel(group).astype(np.int64)


def engine_initial(population: Population) -> dict[str, np.ndarray]:
    """Return the initial values of a population by the engine's names, in its units."""
    cell = population.celltype
    variables = cell.all_variables()
    given = {
        variables[name][0]: values * variables[name][1]
        for name, values in population.initial.items()
        if name in variables
    }
    return {**cell.derived_initial(population.parameters, population.initial), **given}
