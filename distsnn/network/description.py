"""The parts of a network description: plain data, independent of chips and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules import Ends, Rule, Streams
from distsnn.network.rules.computed import ComputedRule, obstacle
from distsnn.network.space.by_distance import PairValues
from distsnn.network.space.placed import Placed
from distsnn.network.summary import population_html
from distsnn.network.views import Indexable
from distsnn.network.weights.outcomes import delay_bounds
from distsnn.neurons.model import NeuronModel
from distsnn.plasticity.rule import PlasticityRule
from distsnn.stimuli import Input


@dataclass(frozen=True, eq=False)
class Population(Indexable):
    """``size`` neurons of one model.

    initial: by state variable, a distribution; the others start as the model says. parameters: those
    that differ between neurons, each with its distribution or values; model has a typical number.
    patches: equal contiguous parts whose neurons belong together. gid_start: the population's first
    neuron in the numbering of the whole network. space: where its neurons are, None without positions.
    """

    index: int
    name: str
    size: int
    model: NeuronModel
    initial: Mapping[str, Distribution | Listed] = field(default_factory=dict)
    patches: int = 1
    gid_start: int = 0
    parameters: Mapping[str, Distribution | Listed] = field(default_factory=dict)
    space: Placed | None = None

    @property
    def positions(self) -> np.ndarray | None:
        """Coordinates of the neurons, float64 [size, 1 to 3], read only; None without positions."""
        return None if self.space is None else self.space.coordinates

    def __repr__(self) -> str:
        return f"Population({self.name!r}, {self.size}, {type(self.model).__name__})"

    def _repr_html_(self) -> str:
        return population_html(self)


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population onto receptors of another, by a connection rule.

    weight: in the receptor's unit. receptors: the index of the receptor for weights of at least 0 and
    that for negative ones, the same if the projection names its receptor. delay: in ms; a spike of
    step t arrives in step t + d with d = delay / dt_ms, where drawn delays are rounded, halves up, to
    at least 1. plasticity: a learning rule, None for static synapses. dendritic_share: the part of
    each delay between synapse and soma; the rest is before the synapse, where a spike of the source
    and a spike of the target meet. reserved_bounds: the range of the weights that a running network may
    be given, None for that of ``weight``. is_computed: ranks compute the synapses when a spike comes.
    """

    index: int
    source: Population
    target: Population
    rule: Rule
    weight: Distribution | Listed | PairValues
    delay: Distribution | Listed | PairValues
    receptors: tuple[int, int]
    dt_ms: float
    plasticity: PlasticityRule | None = None
    dendritic_share: float = 0.0
    reserved_bounds: tuple[float, float] | None = None
    is_computed: bool = False

    @property
    def name(self) -> str:
        """Name for messages: source -> target."""
        return f"projection {self.source.name} -> {self.target.name}"

    @property
    def receptor(self) -> int:
        """Index of the receptor that the mean weight reaches, which all plastic synapses use."""
        return self.receptors[0 if self.weight.expected() >= 0 else 1]

    @cached_property
    def ends(self) -> Ends:
        """The properties of the two populations that the connection rule may use."""
        return Ends(
            self.name,
            self.source.size,
            self.target.size,
            self.source is self.target,
            self.source.patches,
            self.target.patches,
            (self.source.space, self.target.space),
        )

    @cached_property
    def delay_steps(self) -> tuple[int, int]:
        """The shortest and the longest delay that can occur, in steps."""
        return delay_bounds(self.delay, self.dt_ms)

    @property
    def weight_bounds(self) -> tuple[float, float]:
        """The smallest and the largest weight that synapses can have, also later in a run."""
        bounds_of_rule = self.plasticity.weight_bounds if self.plasticity else None
        return bounds_of_rule or self.reserved_bounds or self.weight.bounds()

    @property
    def settable_bounds(self) -> tuple[float, float]:
        """The smallest and the largest weight that synapses of a running network can be given."""
        # 0 can always be set: it is what a synapse without effect has.
        low, high = self.weight_bounds
        if self.plasticity is None or not self.plasticity.changes_weights:
            low, high = min(0.0, low), max(0.0, high)
        return low, high

    @property
    def shares_weights(self) -> bool:
        """Whether few weights serve all synapses, as those of a kernel, however ranks keep them."""
        reason = obstacle(
            self.rule, self.delay, is_plastic=self.plasticity is not None,
            is_settable=self.reserved_bounds is not None,
        )  # fmt: skip
        return not reason

    def n_shared_weights(self, starts: np.ndarray, stops: np.ndarray) -> int:
        """Return how many weights the targets in the runs starts .. stops - 1 share."""
        if not self.shares_weights or not isinstance(self.rule, ComputedRule):
            return 0
        return self.rule.n_entries(starts, stops)

    def back_steps(self, delays: np.ndarray) -> np.ndarray:
        """Return how many steps of each delay (in steps) lie between synapse and soma, int64."""
        # floor(share d + 1/2): to the nearest step, halves up
        return np.floor(self.dendritic_share * np.asarray(delays) + 0.5).astype(np.int64)

    def streams(self, seed: int) -> Streams:
        """Return the random streams of the projection."""
        return Streams(seed, self.index)

    def expected_synapses(self) -> float:
        """Return the expected number of synapses."""
        # closed form of the rule, or its exact count
        return self.rule.expected_synapses(self.ends)

    def most_in_degree(self) -> int:
        """Return a bound of the synapses per target: mean + 10 standard deviations if random."""
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
    """A population whose every spike gives a reward ``amount`` to all synapses of a projection.

    The reward arrives ``delay_steps`` steps after the spike.
    """

    index: int
    source: Population
    projection: Projection
    amount: float
    delay_steps: int


@dataclass(frozen=True, eq=False)
class WeightProbe:
    """A recording of the weights of all synapses onto chosen targets, sampled every ``every_ms``.

    targets: int64, ascending, indices within the target population.
    """

    index: int
    projection: Projection
    targets: np.ndarray
    every_ms: float


@dataclass(frozen=True, eq=False)
class Probe:
    """A recording of a state variable of chosen neurons, sampled every ``every_ms``.

    neurons: int64, ascending, indices within the population.
    """

    index: int
    population: Population
    variable: str
    neurons: np.ndarray
    every_ms: float
