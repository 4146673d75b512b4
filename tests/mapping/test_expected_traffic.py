"""Expected packets between cores against the packets that built networks have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.mapping import make_plan
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.network import (
    AllToAll,
    Disc,
    Distance,
    DistanceDependent,
    ExplicitList,
    FixedInDegree,
    FixedProbability,
    Gaussian,
    Grid1D,
    Network,
    OneToOne,
    PatchInDegree,
)
from distsnn.neurons import LifDelta
from distsnn.simulation import simulate

CHIP = replace(load_chip("loihi"), limits=replace(load_chip("loihi").limits, neurons_per_core=64))
Describe = Callable[[Network], None]


def described(describe: Describe, seed: int = 1) -> Network:
    network = Network(dt_ms=1.0, seed=seed)
    describe(network)
    return network


def expected(network: Network, per_core: int) -> np.ndarray:
    plan = make_plan(network, CHIP, "rows", per_core)
    return packets_per_spike(network, plan.slices, plan.n_blocks)


def counted(network: Network, per_core: int) -> np.ndarray:
    """Return the packets of a built network if every neuron spikes once, by block."""
    result = simulate(
        network, duration_ms=1.0, chip=CHIP, neurons_per_core=per_core, comm=SerialComm()
    )
    plan, pairs = result.plan, result.footprint.packets
    block_of_core = np.full(CHIP.n_cores, -1)
    block_of_core[plan.core_of_block] = np.arange(plan.n_blocks)
    found = np.zeros((plan.n_blocks, plan.n_blocks))
    np.add.at(found, (block_of_core[pairs.source], block_of_core[pairs.target]), pairs.packets)
    return found


def connect(network: Network, source: str, target: str, rule: object) -> None:
    ends = network.find(source), network.find(target)
    network.connect(*ends, rule, weight=0.1, delay_ms=1.0)


def populations(network: Network, sizes: dict[str, int], patches: int = 1) -> None:
    for name, size in sizes.items():
        network.population(name, size, LifDelta(), patches=patches)


def one_to_one(network: Network) -> None:
    """The pieces of the two populations do not lie alike: parts of a core go to several cores."""
    populations(network, {"first": 50, "a": 150, "b": 150})
    connect(network, "a", "b", OneToOne())
    connect(network, "first", "first", OneToOne())


def several_of_one(network: Network) -> None:
    """Two ways from a neuron to a core are one packet."""
    populations(network, {"first": 30, "a": 150, "b": 150})
    connect(network, "a", "b", OneToOne())
    connect(network, "a", "b", OneToOne())
    connect(network, "a", "a", OneToOne())
    rng = np.random.default_rng(1)
    listed = ExplicitList(pre=rng.integers(0, 150, 90), post=rng.integers(0, 150, 90))
    connect(network, "a", "b", listed)


def a_list(network: Network) -> None:
    populations(network, {"a": 200, "b": 130})
    rng = np.random.default_rng(2)
    few = rng.integers(0, 200, 7)  # a few neurons have nearly all synapses
    connect(network, "a", "b", ExplicitList(pre=few[rng.integers(0, 7, 900)],
                                            post=rng.integers(0, 130, 900)))  # fmt: skip


def all_to_few(network: Network) -> None:
    populations(network, {"a": 100, "b": 3})
    connect(network, "a", "b", AllToAll())


def all_but_itself(network: Network) -> None:
    populations(network, {"a": 4})
    connect(network, "a", "a", AllToAll(autapses=False))


EXACT = {
    "one to one": (one_to_one, 32),
    "one to one, several": (several_of_one, 40),
    "list": (a_list, 32),
    "all to few": (all_to_few, 64),
    "all but itself, together": (all_but_itself, 3),
    "all but itself, one each": (all_but_itself, 1),
}


@pytest.mark.parametrize("name", EXACT)
def test_rules_without_chance_are_exact(name):
    describe, per_core = EXACT[name]
    packets = counted(described(describe), per_core)
    assert packets.sum() > 0
    assert np.allclose(expected(described(describe), per_core), packets, rtol=1e-12, atol=1e-9)


def in_degree(network: Network) -> None:
    populations(network, {"a": 150, "b": 120})
    connect(network, "a", "b", FixedInDegree(3))
    connect(network, "b", "a", FixedProbability(0.02))


def patches_on_a_core(network: Network) -> None:
    """Each core has two patches, of which one is listened to, at another core."""
    populations(network, {"a": 400}, patches=40)
    sources = [[(7 * patch + 2) % 40] if patch % 2 else [] for patch in range(40)]
    connect(network, "a", "a", PatchInDegree(6, sources))


def by_distance(network: Network) -> None:
    """A neuron at the border of its core reaches the next one, those far from it do not."""
    populations(network, {"line": 200})
    points = np.stack([np.arange(200), np.zeros(200), np.zeros(200)], axis=1).astype(int)
    connect(network, "line", "line", DistanceDependent(0.8, 3.0, points, points))


def in_space(network: Network) -> None:
    """A ring and another population along it: the first and the last core are neighbours."""
    network.population("ring", 200, LifDelta(), positions=Grid1D(10.0))
    network.population("b", 100, LifDelta(), positions=Grid1D(10.0))
    connect(network, "ring", "ring", Distance(Gaussian(0.2, 0.7), wrap=True))
    connect(network, "ring", "b", Distance(Disc(0.3, 0.5)))


def in_degree_in_space(network: Network) -> None:
    network.population("ring", 200, LifDelta(), positions=Grid1D(10.0))
    connect(network, "ring", "ring", Distance(Gaussian(0.5), wrap=True, in_degree=3))


def mixed(network: Network) -> None:
    one_to_one(network)
    connect(network, "a", "b", FixedInDegree(1))


@pytest.mark.parametrize(
    "describe",
    [in_degree, patches_on_a_core, by_distance, in_space, in_degree_in_space, mixed],
)
def test_rules_with_chance_agree_on_the_mean(describe):
    """Over seeds: all packets within 2 %, those of each pair of cores within their deviation."""
    n_seeds, per_core = 12, 20
    found = [counted(described(describe, seed), per_core) for seed in range(1, n_seeds + 1)]
    mean = np.mean(found, axis=0)
    theory = expected(described(describe), per_core)
    assert theory.sum() == pytest.approx(mean.sum(), rel=0.02)
    deviation = np.sqrt(np.maximum(theory, 0.3) / n_seeds)
    assert (np.abs(mean - theory) < 5.5 * deviation + 0.03 * theory).all()
