"""Random small networks that use everything a network can be made of; one integer gives one."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.network import (
    AllToAll,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    LogNormal,
    Network,
    Normal,
    OneToOne,
    Population,
    Uniform,
)
from distsnn.neurons import IntegrateFire, LifDelta, LifExp
from distsnn.stimuli import Current, Poisson, SpikeSource


def random_network(number: int) -> Network:
    """Return network ``number``: 2 to 6 populations of 1 to 300 neurons, 2 to 12 projections."""
    rng = np.random.default_rng([number, 20261])
    dt_ms = float(rng.choice([0.1, 0.25, 1.0]))
    network = Network(dt_ms=dt_ms, seed=int(rng.integers(1, 2**31)), name=f"random{number}")
    for k in range(int(rng.integers(2, 7))):
        _add_population(network, f"p{k}", rng)
    for _ in range(int(rng.integers(2, 13))):
        _add_projection(network, rng)
    targets = [p for p in network.populations if p.model.receptors]
    for population in targets:
        _add_stimuli(network, population, rng)
    if targets:
        watched = targets[int(rng.integers(len(targets)))]
        some = sorted({int(i) for i in rng.integers(0, watched.size, 3)})
        network.record(watched, "v", neurons=some, every_ms=3 * dt_ms)
    return network


def _add_population(network: Network, name: str, rng: np.random.Generator) -> None:
    size = int(rng.choice([1, 2, 7, 40, 150, 300]))
    kind = int(rng.integers(0, 7))
    dt_ms = network.dt_ms
    if kind == 0:
        n = 5 * size
        model: Any = SpikeSource(
            rng.uniform(0, 150 * dt_ms, n), rng.integers(0, size, n), measured=True
        )
    elif kind <= 3:
        model = LifExp(t_ref_ms=float(rng.choice([0.0, 2.0])), tau_syn_i_ms=1.5)
    elif kind <= 5:
        model = LifDelta(v_reset_mv=float(rng.choice([0.0, 10.0])))
    else:
        model = IntegrateFire()
    initial = None
    if kind in (1, 2):
        initial = {"v": Normal(-58.0, 5.0)}
    elif kind == 4:
        initial = {"v": Uniform(0.0, 19.0)}
    network.population(name, size, model, initial=initial)


def _add_projection(network: Network, rng: np.random.Generator) -> None:
    source = network.populations[int(rng.integers(len(network.populations)))]
    targets = [p for p in network.populations if p.model.receptors]
    if not targets:
        return
    target = targets[int(rng.integers(len(targets)))]
    rule = _rule(source, target, rng)
    scale = 60.0 if target.model.weight_unit == "pA" else 1.0
    if rng.random() < 0.3:
        scale = -scale
    weight = [
        scale,
        Normal(scale, abs(scale) * 0.2),
        Uniform(min(scale, 2 * scale), max(scale, 2 * scale)),
        LogNormal(abs(scale), abs(scale) * 0.5),
    ][int(rng.integers(4))]
    longest = int(rng.integers(1, 80)) * network.dt_ms
    delay = [
        longest,
        Uniform(network.dt_ms, longest + network.dt_ms),
        Normal(longest / 2 + network.dt_ms, longest / 3, low=network.dt_ms),
    ][int(rng.integers(3))]
    network.connect(source, target, rule, weight=weight, delay_ms=delay)


def uneven_network(number: int) -> Network:
    """Return network ``number`` with weights of all sizes and both signs, and delays of all lengths."""
    network = random_network(number)
    rng = np.random.default_rng([number, 20262])
    network.name = f"uneven{number}"
    targets = [p for p in network.populations if p.model.receptors]
    for target in targets:
        scale = 20.0 if target.model.weight_unit == "pA" else 0.3
        for weight in (
            Normal(0.0, scale),
            LogNormal.from_log(float(np.log(scale)) - 2.0, 2.5),
            scale * 1e-5,
            scale * 40.0,
        ):
            source = network.populations[int(rng.integers(len(network.populations)))]
            longest = network.dt_ms * float(rng.choice([1.0, 12.0, 100.0, 9000.0]))
            delay = Uniform(network.dt_ms, longest + network.dt_ms)
            rule = FixedInDegree(int(rng.integers(1, 8)))
            network.connect(source, target, rule, weight=weight, delay_ms=delay)
        n = 40
        rule = ExplicitList(
            rng.integers(0, source.size, n), rng.integers(0, target.size, n),
            scale * rng.choice([-1.0, 1.0], n) * 10.0 ** rng.uniform(-5, 1, n),
            rng.integers(1, 30, n) * network.dt_ms,
        )  # fmt: skip
        network.connect(source, target, rule)
    return network


def _rule(source: Population, target: Population, rng: np.random.Generator) -> Any:
    few = int(rng.integers(1, 12))
    n_pairs = source.size * target.size
    choices = [
        FixedInDegree(few),
        FixedOutDegree(few),
        FixedTotalNumber(min(few * target.size, 4000)),
        FixedProbability(float(rng.uniform(0, min(1.0, 3000 / n_pairs)))),
        ExplicitList(
            pre=rng.integers(0, source.size, 50),
            post=rng.integers(0, target.size, 50),
        ),
    ]
    if source.size == target.size:
        choices.append(OneToOne())
    if n_pairs < 3000:
        choices.append(AllToAll())
    if few <= source.size:
        choices.append(FixedInDegree(min(few, source.size), multapses=False))
    if few <= target.size:
        choices.append(FixedOutDegree(min(few, target.size), multapses=False))
    return choices[int(rng.integers(len(choices)))]


def _add_stimuli(network: Network, population: Population, rng: np.random.Generator) -> None:
    in_pa = population.model.weight_unit == "pA"
    if rng.random() < 0.7:
        rate_hz = float(rng.choice([50.0, 2000.0, 30000.0]))
        network.stimulate(population, Poisson(rate_hz=rate_hz, weight=80.0 if in_pa else 1.0))
    if rng.random() < 0.6:
        begin = 20 * network.dt_ms
        steps = [(0.0, 300.0), (begin, 450.0), (3 * begin, float(rng.uniform(200, 500)))]
        network.stimulate(population, Current(steps=steps))
