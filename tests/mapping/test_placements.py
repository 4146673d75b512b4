"""Every placement of the folder: each block on a core of its own, the same each time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.errors import UsageError
from distsnn.mapping import make_plan
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.mapping.placement import DEFAULT_PLACEMENT, PLACEMENTS, place
from distsnn.mapping.placement_cost import packet_hops
from distsnn.mesh import Mesh
from distsnn.network import AllToAll, Network
from distsnn.neurons import LifDelta
from distsnn.simulation import Settings, simulate


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_each_block_has_a_core_of_its_own(placement, wrap):
    mesh, rng = Mesh(7, 5, wrap), np.random.default_rng(4)
    traffic = rng.random((20, 20)) * (rng.random((20, 20)) < 0.3)
    cores = place(placement, mesh, 20, 6, lambda: traffic)
    assert cores.dtype == np.int32
    assert np.unique(cores).size == 20
    assert 0 <= cores.min() <= cores.max() < 35
    assert np.array_equal(cores, place(placement, mesh, 20, 6, lambda: traffic))


def test_the_default_is_one_of_them():
    assert DEFAULT_PLACEMENT in PLACEMENTS


def layered() -> Network:
    """784-256-10, dense."""
    network = Network(dt_ms=1.0, seed=3)
    layers = [network.population(f"l{n}", n, LifDelta()) for n in (784, 256, 10)]
    for source, target in pairwise(layers):
        network.connect(source, target, AllToAll(), weight=1.0, delay_ms=1.0)
    return network


def test_near_halves_the_packet_hops_of_a_layered_network():
    network, chip = layered(), load_chip("loihi")
    costs = {}
    for placement in ("random", "near"):
        plan = make_plan(network, chip, placement, 64)
        traffic = packets_per_spike(network, plan.slices, plan.n_blocks)
        costs[placement] = packet_hops(traffic, plan.core_of_block, Mesh.of_chip(chip))
    assert costs["near"] < 0.5 * costs["random"]


def test_cores_of_ones_own_are_used_as_given():
    def backwards(mesh, n_blocks, seed, traffic):
        assert traffic().shape == (n_blocks, n_blocks)
        return mesh.n_nodes - 1 - np.arange(n_blocks)

    network, chip = layered(), load_chip("loihi")
    cores = make_plan(network, chip, backwards, 300).core_of_block
    assert cores.tolist() == [127, 126, 125, 124]
    assert make_plan(network, chip, cores, 300).core_of_block.tolist() == cores.tolist()
    by_name = simulate(network, duration_ms=5.0, neurons_per_core=300)
    own = simulate(layered(), duration_ms=5.0, neurons_per_core=300, placement=backwards)
    assert own.digest == by_name.digest


@pytest.mark.parametrize(
    ("cores", "line"),
    [
        ([0, 1, 2], "one core for each of 4 blocks, got 3"),
        ([0, 1, 2, 128], "from 0 to 127, got 128"),
        ([0, 5, 5, 1], "of different cores, got 'core 5 twice'"),
        ([0, 1, 2, -1], "from 0 to 127, got -1"),
        ([0.5, 1, 2, 3], "placement"),
    ],
)
def test_wrong_cores_are_refused(cores, line):
    with pytest.raises(UsageError, match=line):
        make_plan(layered(), load_chip("loihi"), cores, 300)


@pytest.mark.parametrize("placement", [5, None, [[0]], ["a"], "nowhere"])
def test_other_placements_are_refused(placement):
    with pytest.raises(UsageError, match=r"Settings\.placement"):
        Settings(placement=placement)
