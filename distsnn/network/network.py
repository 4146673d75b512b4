"""Network descriptions: populations, projections, stimuli and probes, without chips and ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from distsnn.checks import flag, must_be, whole
from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_DELAY_STEPS
from distsnn.network import checks, plastic_checks
from distsnn.network.description import (
    Modulation,
    Population,
    Probe,
    Projection,
    Stimulus,
    WeightProbe,
)
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.making import new_population, new_probe, new_projection
from distsnn.network.rules import Rule
from distsnn.network.rules.of_views import require_by_pair
from distsnn.network.space.by_distance import ByDistance
from distsnn.network.stimulating import new_stimuli
from distsnn.network.summary import network_html
from distsnn.network.views import Assembly, PopulationView, views_of
from distsnn.neurons.model import NeuronModel
from distsnn.plasticity.rule import PlasticityRule
from distsnn.stimuli import Input
from distsnn.stimuli.checks import float32
from distsnn.time_grid import given_steps

Neurons = Population | PopulationView | Assembly | str


class Network:
    """A network description; iterating over it yields its populations.

    dt_ms: time step. seed: determines all random draws. Every part is checked when it is added, which
    raises NetworkError, and kept as plain data in a list: populations, projections, stimuli, probes,
    modulations, weight_probes.
    """

    def __init__(self, *, dt_ms: float = 0.1, seed: int = 1, name: str = "network") -> None:
        checks.require_name("network", name)
        checks.require_time_step(dt_ms)
        whole("Network: seed", seed, 0, 2**64 - 1, remedy="Choose another seed.")
        self.dt_ms = float(dt_ms)
        self.seed = int(seed)
        self.name = name
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.stimuli: list[Stimulus] = []
        self.probes: list[Probe] = []
        self.modulations: list[Modulation] = []
        self.weight_probes: list[WeightProbe] = []
        # (population, receptor) -> lanes of a network that was written, see ``weights.rungs.serve``
        self.given_rungs: dict[tuple[int, int], list[tuple[float, float]]] = {}
        self._unrecorded: set[int] = set()

    def __iter__(self) -> Iterator[Population]:
        return iter(self.populations)

    def __repr__(self) -> str:
        return (
            f"Network({self.name!r}: {len(self.populations)} populations, {self.n_neurons} "
            f"neurons, {len(self.projections)} projections, "
            f"{self.expected_synapses():.4g} synapses)"
        )

    def _repr_html_(self) -> str:
        return network_html(self)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of all populations, spike sources included."""
        return sum(population.size for population in self.populations)

    def expected_synapses(self) -> float:
        """Return the expected number of synapses of all projections."""
        return sum(projection.expected_synapses() for projection in self.projections)

    def find(self, name: str) -> Population:
        """Return the population of this name; NetworkError if there is none."""
        for population in self.populations:
            if isinstance(name, str) and population.name == name:
                return population
        known = ", ".join(population.name for population in self.populations) or "none yet"
        limit = f"one of this network ({known})"
        raise NetworkError(must_be("population", limit, name, "Check the name."))

    def population(
        self,
        name: str,
        size: int,
        model: NeuronModel,
        initial: Mapping[str, Any] | None = None,
        patches: int = 1,
        positions: Any = None,
    ) -> Population:
        """Add ``size`` neurons of a model. See ``Population`` for patches.

        Each parameter of the model and each initial value is a number, a distribution, or an array of
        ``size`` numbers. positions: where the neurons are: a layout such as ``Grid2D(1.0)``, or an
        array [size, 1 to 3].
        """
        new = new_population(
            self.populations, self.seed, self.dt_ms, name, size, model, initial, patches, positions
        )
        self.populations.append(new)
        return new

    def connect(
        self,
        source: Neurons,
        target: Neurons,
        rule: Rule,
        *,
        weight: float | Distribution | ByDistance | None = None,
        delay_ms: float | Distribution | ByDistance | None = None,
        receptor: int | str | None = None,
        plasticity: PlasticityRule | None = None,
        dendritic_share: float = 0.0,
        weight_bounds: tuple[float, float] | None = None,
        synapses: str = "auto",
    ) -> Projection:
        """Add synapses from one population onto another, or between some neurons of them.

        ``connect_all`` does so for an assembly. weight: in the receptor's unit; only a list of synapses
        that has weights goes without. delay_ms: whole steps, at least one, if it is a number or a
        list's own; drawn ones and those ``ByDistance`` go to the nearest step, at least one; None for
        one step. receptor: name or index; None lets the sign of each weight choose, the model's first
        one for weights of at least 0, its last for negative ones. plasticity: a rule such as
        ``PairStdp``, with which ``weight`` is what the synapses start with. dendritic_share: the part
        (0 to 1) of each delay that lies between synapse and soma, which matters where both sides'
        spikes meet. weight_bounds: (low, high), within which ``Simulation.set_weights`` may set static
        weights; None for 0 and the weights that ``weight`` can give. synapses: "stored", "computed"
        when a spike comes (a Convolution with one delay and fixed weights), or "auto": computed if they
        can be. Results are the same.
        """
        ends = self._one_view(source), self._one_view(target)
        new = new_projection(
            len(self.projections), *ends, rule, self.dt_ms,
            {"weight": weight, "delay_ms": delay_ms, "receptor": receptor, "plasticity": plasticity,
             "dendritic_share": dendritic_share, "weight_bounds": weight_bounds,
             "synapses": synapses},
        )  # fmt: skip
        self.projections.append(new)
        return new

    def connect_all(
        self, source: Neurons, target: Neurons, rule: Rule, **options: Any
    ) -> list[Projection]:
        """Connect each part of an assembly; return the projections, by source, then target.

        options: of ``connect``. Raises NetworkError for rules that count synapses over several parts.
        """
        sources, targets = self.views(source), self.views(target)
        checks.require_rule("assembly", rule)
        require_by_pair(rule, len(sources) > 1, len(targets) > 1)
        return [self.connect(a, b, rule, **options) for a in sources for b in targets]

    def modulate(
        self,
        projection: Projection,
        source: Population | str,
        *,
        amount: float,
        delay_ms: float,
    ) -> Modulation:
        """Let each spike of a population reward a projection that learns from rewards.

        All synapses of the projection receive a reward of ``amount`` a time of ``delay_ms`` (whole
        steps, at least one) after the spike. Rewards in the same step add up.
        """
        source = self._own(source)
        subject = f"modulation {source.name} -> ({checks.name_of(projection)})"
        plastic_checks.require_modulated(subject, projection, self.projections)
        amount = float32(f"{subject}: amount", amount)
        steps = given_steps(f"{subject}: delay_ms", delay_ms, self.dt_ms, 1, MAX_DELAY_STEPS)
        new = Modulation(len(self.modulations), source, projection, float(amount), steps)
        self.modulations.append(new)
        return new

    def record_weights(
        self,
        projection: Projection,
        *,
        every_ms: float,
        targets: Sequence[int] | np.ndarray | None = None,
    ) -> WeightProbe:
        """Record the weights of all plastic synapses onto chosen targets (None: all of them).

        Samples are taken at 0, every_ms, 2 every_ms, ... and at the end; ``WeightTable.times_ms`` has
        the times. every_ms: whole steps.
        """
        subject = f"weights of {checks.name_of(projection)}"
        plastic_checks.require_learned(subject, projection, self.projections)
        if any(probe.projection is projection for probe in self.weight_probes):
            raise NetworkError(
                f"{subject}: must have one probe at most, got a second. Name all targets in one."
            )
        given_steps(f"{subject}: every_ms", every_ms, self.dt_ms, 1)
        chosen = checks.chosen_neurons(subject, projection.target, targets, "targets")
        new = WeightProbe(len(self.weight_probes), projection, chosen, float(every_ms))
        self.weight_probes.append(new)
        return new

    def stimulate(
        self,
        target: Population | PopulationView | Assembly | str,
        what: Input,
        receptor: int | str | None = None,
    ) -> Stimulus | tuple[Stimulus, ...]:
        """Drive every neuron of a population, of a part of it, or of several together.

        Arrays of ``what`` have a number for each neuron, in the order of the target. Times must be
        whole numbers of steps, weights and currents what the model can take. Returns one stimulus, of
        an assembly one for each of its parts.
        """
        if isinstance(target, str):
            target = self.find(target)
        views = views_of("target of a stimulus", target)
        for view in views:
            self._own(view.population)
        new = new_stimuli(self.stimuli, views, what, receptor, self.dt_ms)
        self.stimuli += new
        return new if isinstance(target, Assembly) else new[0]

    def record(
        self,
        population: Neurons,
        variable: str,
        *,
        neurons: Sequence[int] | np.ndarray | None = None,
        every_ms: float | None = None,
    ) -> Probe:
        """Record a state variable of chosen neurons (None: all of them).

        every_ms: whole steps, None for every step. Sample k is taken at the end of step
        k every_ms / dt, which is the time k every_ms + dt; sample 0 thus shows the first step.
        """
        view = self._one_view(population)
        new = new_probe(self.probes, view, variable, neurons, every_ms, self.dt_ms)
        self.probes.append(new)
        return new

    def record_spikes(self, population: Population | str, wanted: bool = True) -> None:
        """Set whether the spikes of a population are kept in results; by default they are."""
        population = self._own(population)
        flag(f"population {population.name}: wanted", wanted)
        (self._unrecorded.discard if wanted else self._unrecorded.add)(population.index)

    def records_spikes(self, population: Population) -> bool:
        """Return whether the spikes of a population are kept in results."""
        return self._own(population).index not in self._unrecorded

    def views(self, neurons: Neurons) -> tuple[PopulationView, ...]:
        """Return the views that a population, its name, a view or an assembly consists of."""
        if isinstance(neurons, (str, Population)):
            return (self._own(neurons).view(),)
        views = views_of("neurons", neurons)
        for view in views:
            self._own(view.population)
        return views

    def _one_view(self, neurons: Neurons) -> PopulationView:
        """Return the view of a population or of some of its neurons."""
        # Only an assembly has several.
        views = self.views(neurons)
        if len(views) != 1:
            limit = "a population or some of its neurons"
            raise NetworkError(must_be("neurons", limit, neurons, "Name the parts one by one."))
        return views[0]

    def _own(self, population: Population | str) -> Population:
        """Return a population given as itself or by name; NetworkError if it is not of this network."""
        if isinstance(population, str):
            return self.find(population)
        if not isinstance(population, Population):
            limit = "what network.population() returned, or its name"
            raise NetworkError(must_be("population", limit, population, "Add it first."))
        # Same object at its own index: an equal one of another network is refused.
        at_index = self.populations[population.index : population.index + 1]
        if not at_index or at_index[0] is not population:
            raise NetworkError(
                f"population {population.name!r}: must belong to network {self.name!r}, got one of "
                "another network. Use the populations of this network."
            )
        return population
