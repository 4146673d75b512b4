"""Carrying a running network over into another one, to which cells, synapses or recordings were added.

The new network begins one step before now. In that step nothing but one source spikes; its synapses are
the spikes that are under way, with the delays that are left to them. Then the cells get their states.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from distsnn.network import ExplicitList, Network
from distsnn.network.description import Population as EnginePopulation
from distsnn.plasticity.rule import PlasticityRule
from distsnn.pynn.cells.trains import Trains
from distsnn.stimuli import SpikeSource

Spikes = tuple[np.ndarray, np.ndarray]  # steps in which cells spiked, and the cells, int64
NO_SPIKES: Spikes = (np.empty(0, np.int64), np.empty(0, np.int64))
SILENT_STEPS = 2  # in which no cell can spike, longer than the step before now


@dataclass(eq=False)
class UnderWay:
    """Spikes that have left their cells and have not arrived, of one projection of the engine.

    population: index of the target. receptor, rule: of the projection. post: int64, weights: float64 in
    the receptor's unit, left: int64, steps until they arrive, counted from the step before now.
    """

    population: int
    receptor: str
    rule: PlasticityRule | None
    post: np.ndarray
    weights: np.ndarray
    left: np.ndarray

    def after(self, n_steps: int) -> UnderWay:
        """Return those that have not arrived after some more steps."""
        # One that is due in the step before the new now has arrived.
        kept = self.left > n_steps
        return replace(
            self, post=self.post[kept], weights=self.weights[kept], left=self.left[kept] - n_steps
        )

    def connect(self, network: Network, source: EnginePopulation, target: EnginePopulation) -> None:
        """Make them synapses of a source that spikes in the first step."""
        delays_ms = np.round(self.left * network.dt_ms, 9)
        rule = ExplicitList(np.zeros_like(self.post), self.post, self.weights, delays_ms)
        network.connect(source, target, rule, receptor=self.receptor, plasticity=self.rule)


@dataclass(eq=False)
class GivenSpikes:
    """The spikes of sources: those that are to be made, and those that have been made.

    until: the step until which they have been made. trains: by index of the population. handed: by
    index of the population, the steps at whose end they are, and the cells; some are past.
    """

    until: int
    trains: dict[int, Trains] = field(default_factory=dict)
    handed: dict[int, Spikes] = field(default_factory=dict)


@dataclass(eq=False)
class Carried:
    """What a running network leaves to the next one.

    at: the step of now. n_before: how many networks there were in the segment. n_populations: how many
    are carried over. given: the spikes of sources. states: by index of the population, the state
    variables of the model. weights: by index of the projection, the learned ones, in PyNN's unit.
    """

    at: int
    n_before: int
    n_populations: int
    given: GivenSpikes
    states: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)
    weights: dict[int, np.ndarray] = field(default_factory=dict)
    under_way: list[UnderWay] = field(default_factory=list)

    def add_source(self, network: Network, populations: list[EnginePopulation]) -> None:
        """Add the source of the spikes that are under way to a network that begins."""
        # A source without synapses would be one more cell for nothing.
        self.under_way = [spikes for spikes in self.under_way if spikes.left.size]
        if not self.under_way:
            return
        # The first step ends at dt.
        source = network.population("under_way", 1, SpikeSource([network.dt_ms], [0]))
        network.record_spikes(source, False)
        for spikes in self.under_way:
            spikes.connect(network, source, populations[spikes.population])


def arrivals(spikes: Spikes, pre: np.ndarray, delays: np.ndarray, now: int) -> Spikes:
    """Return which synapses have a spike under way at a step, and how many steps are left to each.

    pre: int64 [synapses], delays: int64, in steps. A spike of step s arrives in step s + delay; the
    steps that are left count from the step before now.
    """
    steps, cells = spikes
    by_cell = np.argsort(pre, kind="stable")
    first = np.searchsorted(pre[by_cell], cells, side="left")
    count = np.searchsorted(pre[by_cell], cells, side="right") - first
    # For each spike all synapses of its cell.
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    synapses = by_cell[np.repeat(first, count) + within]
    left = np.repeat(steps, count) + delays[synapses] - (now - 1)
    # Of the steps before now none is left: those spikes have arrived.
    is_to_come = left >= 1
    return synapses[is_to_come], left[is_to_come]
