"""Random small networks with every model, rule and input that there is; one number gives one.

Every model, input, connection rule and learning rule comes up in turn, so that a hundred numbers
hold each of them several times; ``test_everything.py`` demands a row here for what is added.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn import (
    AllToAll,
    ByDistance,
    Convolution,
    CorrelatedPoisson,
    Current,
    Distance,
    DistanceDependent,
    Equations,
    ExplicitList,
    Exponential,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Gaussian,
    Grid2D,
    HomeostaticScaling,
    LogNormal,
    Matrix,
    Network,
    NoiseCurrent,
    Normal,
    OneToOne,
    OuCurrent,
    PatchInDegree,
    Poisson,
    RandomPositions,
    Samples,
    Simulation,
    SineCurrent,
    SpikeSource,
    SpikeTrains,
    SumPooling,
    SynapseEquations,
    Uniform,
    WaveformCurrent,
    all_models,
)
from distsnn.errors import NetworkError
from distsnn.network.views import PopulationView
from distsnn.neurons.model import NeuronModel
from distsnn.plasticity import (
    Oja,
    PairStdp,
    RewardStdp,
    StochasticRelease,
    SumOfProducts,
    TripletStdp,
    TsodyksMarkram,
    VogelsStdp,
)

Rng = np.random.Generator
Maker = Callable[..., Any]
SIDE = 8
SIZE = SIDE * SIDE  # of every population, so that every rule fits every pair
PATCHES = 4

TEXT = Equations(
    """
    dv/dt = (e_l - v + r*(i_s + current))/tau_m + sigma*sqrt(2/tau_m)*xi : mV (unless refractory)
    di_s/dt = -i_s/tau_s : pA
    """,
    threshold="v > v_t", reset="v = e_l", refractory_ms=2.0,
    receptors={"excitatory": "i_s += weight", "inhibitory": "i_s += weight"},
    parameters={"e_l": (-65.0, "mV"), "r": (0.04, "GOhm"), "tau_m": (10.0, "ms"),
                "tau_s": (2.0, "ms"), "v_t": (-52.0, "mV"), "sigma": (0.5, "mV")},
    initial={"v": -65.0},
)  # fmt: skip

# A weight that moves a neuron well, and a direct current that makes it fire, by unit of weights.
WEIGHT = {"1": 0.3, "pA": 120.0, "mV": 1.5, "nS": 2.0, "nA": 8.0, "mantissa": 60.0}
DRIVE_PA = {"1": 0.2, "pA": 500.0, "mV": 500.0, "nS": 700.0, "nA": 8.0, "mantissa": 900.0}


def learning_rules() -> dict[str, Callable[[float], Any]]:
    """Return by name what makes a rule with weights from 0 to w."""
    return {
        "PairStdp": lambda w: PairStdp(w, a_plus=0.02, a_minus=0.021),
        "TripletStdp": lambda w: TripletStdp(w, a2_plus=5e-3),
        "Oja": lambda w: Oja(w, eta=0.01),
        "VogelsStdp": lambda w: VogelsStdp(w, eta=0.02, rho_hz=10.0),
        "RewardStdp": lambda w: RewardStdp(w, rewards=((5.0, 0.5), (11.0, -0.3))),
        "SumOfProducts": lambda w: SumOfProducts(
            "dw = 2^-2*x1*y0 - 2^-2*y1*x0", w / 256, epoch_steps=3
        ),
        "TsodyksMarkram": lambda w: TsodyksMarkram(
            Uniform(0.1, 0.9), Normal(50.0, 5.0, low=10.0), 30.0
        ),
        "StochasticRelease": lambda w: StochasticRelease(Uniform(0.2, 0.9)),
        "SynapseEquations": lambda w: SynapseEquations(
            "dr/dt = -r/tau\ndo/dt = -o/tau", on_pre="w -= a*o; r += 1",
            on_post="w += a*r; o += 1", w_max=w, parameters={"tau": 20.0, "a": 0.01 * w},
        ),
    }  # fmt: skip


def points(rng: Rng) -> np.ndarray:
    """Return the places of a population on a grid, in some order."""
    order = rng.permutation(SIZE)
    return np.stack([order % SIDE, order // SIDE, np.zeros(SIZE, dtype=int)], axis=1)


CONNECTION_RULES: dict[str, Callable[[Rng], Any]] = {
    "AllToAll": lambda rng: AllToAll(),
    "OneToOne": lambda rng: OneToOne(),
    "ExplicitList": lambda rng: ExplicitList(
        rng.integers(0, SIZE, 200), rng.integers(0, SIZE, 200)
    ),
    "FixedInDegree": lambda rng: FixedInDegree(9, multapses=bool(rng.random() < 0.5)),
    "FixedOutDegree": lambda rng: FixedOutDegree(9, multapses=bool(rng.random() < 0.5)),
    "FixedTotalNumber": lambda rng: FixedTotalNumber(600),
    "FixedProbability": lambda rng: FixedProbability(0.15),
    "Distance": lambda rng: Distance(profile=Gaussian(0.15), wrap=bool(rng.random() < 0.5)),
    "DistanceDependent": lambda rng: DistanceDependent(0.9, 2.0, points(rng), points(rng)),
    "PatchInDegree": lambda rng: PatchInDegree(3, [[p, (p + 1) % PATCHES] for p in range(PATCHES)]),
}

# Rules with weights of their own, of a size w.
WEIGHTED_RULES: dict[str, Callable[[Rng, float], Any]] = {
    "Matrix": lambda rng, w: Matrix(np.where(rng.random((SIZE, SIZE)) < 0.1, w, 0.0)),
    "Convolution": lambda rng, w: Convolution(
        w * rng.integers(-1, 3, (1, 1, 3, 3)), (1, SIDE, SIDE), padding="same"
    ),
    "SumPooling": lambda rng, w: SumPooling(1, (1, SIDE, SIDE), weight=w),
}

# Inputs of a model with weights w, a driving current pa, whole numbers or not.
INPUTS: dict[str, Callable[[Rng, float, float, int], Any]] = {
    "Poisson": lambda rng, w, pa, n: [
        Poisson(4000.0, w), Poisson(np.linspace(500.0, 8000.0, n), w),
        Poisson([(0.0, 6000.0), (7.0, 1000.0)], w),
        Poisson(Samples(rng.uniform(0, 9000.0, 12), every_ms=2.0), w, start_ms=2.0, stop_ms=14.0),
    ][int(rng.integers(4))],
    "CorrelatedPoisson": lambda rng, w, pa, n: CorrelatedPoisson(3000.0, 0.3, w),
    "SpikeTrains": lambda rng, w, pa, n: SpikeTrains(
        rng.uniform(1.0, 19.0, 60), rng.integers(0, n, 60), weight=w, measured=True
    ),
    "Current": lambda rng, w, pa, n: [
        Current(pa=pa), Current(pa=np.linspace(0.5 * pa, pa, n)),
        Current(steps=[(2.0, pa), (9.0, 0.5 * pa)]),
    ][int(rng.integers(3))],
    "SineCurrent": lambda rng, w, pa, n: SineCurrent(np.linspace(0.1, 1.0, n) * pa, 80.0),
    "WaveformCurrent": lambda rng, w, pa, n: WaveformCurrent(
        rng.uniform(0.0, pa, (9, n)), every_ms=3.0
    ),
    "NoiseCurrent": lambda rng, w, pa, n: NoiseCurrent(0.5 * pa, np.full(n, pa)),
    "OuCurrent": lambda rng, w, pa, n: OuCurrent(0.8 * pa, 0.3 * pa, np.linspace(2.0, 9.0, n)),
}  # fmt: skip
WHOLE_INPUTS = ("Poisson", "SpikeTrains", "Current")  # for models of whole numbers


def in_turn(table: dict[str, Any] | tuple[str, ...], number: int) -> str:
    """Return the name whose turn it is."""
    return sorted(table)[number % len(table)]


def models() -> dict[str, NeuronModel]:
    """Return every model that is no source, and one from text."""
    own = {name: model() for name, model in all_models().items() if not model().is_source}
    return {**own, "Equations": TEXT}


def varied(model: NeuronModel, rng: Rng) -> NeuronModel:
    """Return the model with three parameters that differ: drawn, listed, uniform; or as it is."""
    if not dataclasses.is_dataclass(model):
        return model
    fields = [
        field.name
        for field in dataclasses.fields(model)
        if isinstance(value := getattr(model, field.name), float)
        and np.isfinite(value)
        and value != 0.0
        and field.name != "t_ref_ms"
    ]
    if model.weight_quanta or not fields:
        return model
    values: dict[str, Any] = {}
    for kind, name in enumerate(fields[:3]):  # always the same: each choice is compiled on its own
        value = float(getattr(model, name))
        low, high = sorted((0.97 * value, 1.03 * value))
        drawn = (Uniform(low, high), rng.uniform(low, high, SIZE), 1.01 * value)
        values[name] = drawn[kind]
    try:
        network = Network(dt_ms=0.5)  # a trial: some parameters cannot vary together
        changed = dataclasses.replace(model, **values)
        network.population("trial", SIZE, changed)
    except NetworkError:
        return model
    return changed


@dataclasses.dataclass
class Everything:
    """A random network, and what a run of it does at regular times."""

    number: int
    network: Network = dataclasses.field(init=False)
    used: set[str] = dataclasses.field(default_factory=set)
    scaled: Any = None

    def __post_init__(self) -> None:
        self.rng = rng = np.random.default_rng([self.number, 77])
        dt_ms = float(rng.choice([0.5, 1.0]))
        self.network = Network(dt_ms=dt_ms, seed=self.number + 1, name=f"everything{self.number}")
        self._populate()
        for turn in range(3):
            self._connect(turn)
        self._learn()
        for turn, population in enumerate(self.targets):
            self._drive(turn, population)
        self._record()

    def attach(self, simulation: Simulation) -> None:
        """Begin what acts from outside while the network runs."""
        if self.scaled is not None:
            HomeostaticScaling(20.0, tau_ms=20.0, interval_ms=4.0).attach(simulation, self.scaled)

    def _population(self, name: str, model: Any) -> Any:
        positions = (
            Grid2D(1.0, shape=(SIDE, SIDE))
            if self.rng.random() < 0.5
            else RandomPositions((1.0, 1.0))
        )
        self.used.add(type(model).__name__)
        return self.network.population(name, SIZE, model, positions=positions, patches=PATCHES)

    def _populate(self) -> None:
        rng, table = self.rng, models()
        names = [in_turn(table, self.number), in_turn(table, 5 * self.number + 3)]
        self.targets = []
        for k, name in enumerate(names):
            model = TEXT(tau_m=rng.uniform(8.0, 12.0, SIZE)) if name == "Equations" else table[name]
            self.targets.append(self._population(f"p{k}", varied(model, rng)))
            self.used.add(name)
        n = 6 * SIZE
        times_ms, lines = rng.uniform(0.0, 18.0, n), rng.integers(0, SIZE, n)
        source = (
            SpikeSource(times_ms, lines, measured=True)
            if self.number % 2
            else all_models()["PoissonNeuron"](rate_hz=300.0)
        )
        self.sources = [self._population("s", source), *self.targets]

    def _ends(self, source: Any, target: Any) -> tuple[Any, Any]:
        """Return whole populations, or some of their neurons."""
        if self.rng.random() < 0.7:
            return source, target
        return source[: SIZE // 2], target[np.arange(SIZE) % 3 > 0]

    def _connect(self, turn: int) -> None:
        """A projection of static synapses by the rule whose turn it is."""
        rng = self.rng
        source = self.sources[int(rng.integers(3))]
        target = self.targets[int(rng.integers(2))]
        name = in_turn({**CONNECTION_RULES, **WEIGHTED_RULES}, 3 * self.number + turn)
        self.used.add(name)
        scale = WEIGHT[target.model.weight_unit]
        if name in WEIGHTED_RULES:
            own = WEIGHTED_RULES[name](rng, scale)
            self.network.connect(source, target, own, delay_ms=2 * self.network.dt_ms)
            return
        rule = CONNECTION_RULES[name](rng)
        dt_ms = self.network.dt_ms
        delay: Any = Uniform(dt_ms, 6 * dt_ms)
        weight: Any = [scale, Uniform(0.5 * scale, scale), LogNormal(scale, 0.5 * scale)][
            int(rng.integers(3))
        ]
        if name == "Distance" or (rng.random() < 0.3 and name != "DistanceDependent"):
            delay = ByDistance(dt_ms, per=4.0)
            weight = ByDistance(profile=Exponential(0.3), scale=scale)
        if target.model.weight_quanta:
            weight = float(scale)
        ends = source, target
        if name in ("FixedInDegree", "FixedProbability", "FixedTotalNumber", "AllToAll"):
            ends = self._ends(source, target)
        if name == "FixedProbability" and self.number % 4 == 0:
            sources = source[:9] + (
                self.targets[0] if source is self.sources[0] else self.sources[0]
            )
            self.network.connect_all(sources, target, rule, weight=scale, delay_ms=delay)
            return
        self.network.connect(*ends, rule, weight=weight, delay_ms=delay)

    def _learn(self) -> None:
        """A projection that learns, where a target has weights of any size."""
        able = [p for p in self.targets if not p.model.weight_quanta]
        if not able:
            return
        rng, target = self.rng, able[int(self.rng.integers(len(able)))]
        table = learning_rules()
        name = in_turn(table, self.number)
        self.used.add(name)
        w = WEIGHT[target.model.weight_unit]
        rule = table[name](2.0 * w)
        weight = w if name in ("SumOfProducts", "TsodyksMarkram") else Uniform(0.2 * w, 1.8 * w)
        dt_ms = self.network.dt_ms
        options = {"dendritic_share": 0.5} if rule.splits_delay and rng.random() < 0.5 else {}
        plastic = self.network.connect(
            self.sources[0], target, FixedProbability(0.25), weight=weight,
            delay_ms=Uniform(dt_ms, 4 * dt_ms), plasticity=rule, **options,
        )  # fmt: skip
        if name != "TsodyksMarkram":
            self.network.record_weights(plastic, every_ms=3.0)
            self.scaled = plastic if self.number % 3 == 0 else None
        if self.scaled is not None:
            self.used.add("HomeostaticScaling")
        if name == "RewardStdp":
            self.network.modulate(plastic, self.sources[0], amount=0.1, delay_ms=2.0)

    def _drive(self, turn: int, population: Any) -> None:
        """Three inputs whose turn it is, onto the population or some of its neurons."""
        rng, model = self.rng, population.model
        is_whole = bool(model.weight_quanta)
        table = WHOLE_INPUTS if is_whole else tuple(INPUTS)
        w, pa = WEIGHT[model.weight_unit], DRIVE_PA[model.weight_unit]
        for k in range(3):
            name = in_turn(table, 3 * self.number + k + turn)
            view: PopulationView | Any = population[5:55] if rng.random() < 0.4 else population
            made = INPUTS[name](rng, w, pa, len(view))
            if is_whole and name == "Current":
                made = Current(pa=float(round(pa)))
            self.used.add(name)
            self.network.stimulate(view, made)

    def _record(self) -> None:
        for population in self.targets:
            names = [name for name, kind in population.model.states.items() if kind == "f4"]
            for name in names[:2]:
                self.network.record(population[[1, 9, 40]], name, every_ms=2.0)
