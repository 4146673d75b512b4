"""The parts of a network description: plain data, checked when made, with no chip and no rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules import Ends, Rule, Streams
from distsnn.network.views import Indexable
from distsnn.network.weights.outcomes import delay_bounds
from distsnn.neurons.model import NeuronModel
from distsnn.plasticity.rule import PlasticityRule
from distsnn.stimuli import Input


@dataclass(frozen=True, eq=False)
class Population(Indexable):
    """``size`` neurons of one model, alike but for their initial state.

    initial: by state variable, a distribution; the others start as the model says. patches: equal
    contiguous parts whose neurons belong together. gid_start: the population's first neuron in the
    numbering of the whole network.
    """

    index: int
    name: str
    size: int
    model: NeuronModel
    initial: Mapping[str, Distribution] = field(default_factory=dict)
    patches: int = 1
    gid_start: int = 0

    def __repr__(self) -> str:
        return f"Population({self.name!r}, {self.size}, {type(self.model).__name__})"


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population onto receptors of another, by a rule.

    weight: in the receptor's unit. receptors: that of weights of at least 0, and that of negative
    ones; the same where the projection names it. delay: in ms; a spike of step t arrives in step
    t + d with d = delay / dt_ms, drawn ones rounded, halves up, and at least 1. plasticity: a rule,
    None for static synapses. dendritic_share: the part of each delay between the synapse and the
    soma, the rest comes before the synapse; spikes of both sides meet at the synapse.
    """

    index: int
    source: Population
    target: Population
    rule: Rule
    weight: Distribution | Listed
    delay: Distribution | Listed
    receptors: tuple[int, int]
    dt_ms: float
    plasticity: PlasticityRule | None = None
    dendritic_share: float = 0.0

    @property
    def name(self) -> str:
        """Name for messages: source -> target."""
        return f"projection {self.source.name} -> {self.target.name}"

    @property
    def receptor(self) -> int:
        """The receptor that the mean weight reaches; plastic synapses have this one."""
        return self.receptors[0 if self.weight.expected() >= 0 else 1]

    @cached_property
    def ends(self) -> Ends:
        """What the rule knows of the two populations."""
        return Ends(
            self.name,
            self.source.size,
            self.target.size,
            self.source is self.target,
            self.source.patches,
            self.target.patches,
        )

    @cached_property
    def delay_steps(self) -> tuple[int, int]:
        """The least and the greatest delay that can occur, in steps."""
        return delay_bounds(self.delay, self.dt_ms)

    @property
    def weight_bounds(self) -> tuple[float, float]:
        """The least and the greatest weight that synapses can have, also after learning."""
        learned = self.plasticity.weight_bounds if self.plasticity else None
        return learned or self.weight.bounds()

    def back_steps(self, delays: np.ndarray) -> np.ndarray:
        """Return how many steps of each delay (in steps) lie between synapse and soma, int64."""
        return np.floor(self.dendritic_share * np.asarray(delays) + 0.5).astype(np.int64)

    def streams(self, seed: int) -> Streams:
        """Return the random streams of the projection."""
        return Streams(seed, self.index)

    def expected_synapses(self) -> float:
        """Return the expected number of synapses."""
        return self.rule.expected_synapses(self.ends)

    def most_in_degree(self) -> int:
        """Return a number that no target's synapses exceed (10 deviations where it is random)."""
        return self.rule.most_in_degree(self.ends)

    def __repr__(self) -> str:
        return f"Projection({self.source.name!r} -> {self.target.name!r}, {self.rule})"


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Input from outside into neurons of a population.

    receptor: -1 for a direct current. neurons: int64, ascending; None for the whole population. The
    position of a neuron is its place among them, which arrays of ``what`` and random draws go by.
    """

    index: int
    target: Population
    what: Input
    receptor: int
    neurons: np.ndarray | None = None

    @property
    def n_neurons(self) -> int:
        """Number of neurons that are driven."""
        return self.target.size if self.neurons is None else self.neurons.size

    def meets(self, neurons: np.ndarray | None) -> bool:
        """Return whether any of the neurons (int64, ascending; None: all) is driven."""
        if self.neurons is None or neurons is None:
            return True
        # Both ascend, so that mostly their ends already tell.
        if self.neurons[-1] < neurons[0] or neurons[-1] < self.neurons[0]:
            return False
        return bool(np.isin(neurons, self.neurons, assume_unique=True).any())


@dataclass(frozen=True, eq=False)
class Modulation:
    """Spikes of a population that reward all synapses of a projection by ``amount`` each."""

    index: int
    source: Population
    projection: Projection
    amount: float
    delay_steps: int


@dataclass(frozen=True, eq=False)
class WeightProbe:
    """Weights of all synapses onto chosen targets (int64, ascending), sampled at an interval."""

    index: int
    projection: Projection
    targets: np.ndarray
    every_ms: float


@dataclass(frozen=True, eq=False)
class Probe:
    """A state variable of chosen neurons, sampled at an interval; neurons: int64, ascending."""

    index: int
    population: Population
    variable: str
    neurons: np.ndarray
    every_ms: float
