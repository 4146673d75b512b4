"""Cutting, placing and dealing cores to ranks: everything exactly once, within limits, balanced."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.errors import CapacityError, UsageError
from distsnn.mapping import make_plan
from distsnn.mapping.batch import steps_per_exchange
from distsnn.mapping.cut import cut
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.mapping.partition import cut_evenly, rank_of_core
from distsnn.mapping.placement import PLACEMENTS, place
from distsnn.mapping.placement_cost import packet_hops
from distsnn.mesh import Mesh
from distsnn.network import FixedInDegree, Network, OneToOne, PatchInDegree
from distsnn.neurons import LifDelta

CHIP = load_chip("loihi")


def network_of(sizes, patches=1) -> Network:
    network = Network(dt_ms=1.0, seed=1)
    for k, size in enumerate(sizes):
        network.population(f"p{k}", size, LifDelta(), patches=patches)
    return network


@pytest.mark.parametrize("sizes", [[1], [1024], [1025], [3000, 5, 7, 1000], [10] * 30, [131072]])
@pytest.mark.parametrize("per_core", [1024, 1000])
def test_each_neuron_has_one_slot(sizes, per_core):
    network = network_of(sizes)
    if sum(-(-size // per_core) for size in sizes) > 128:
        with pytest.raises(CapacityError, match="at most 128 cores"):
            make_plan(network, CHIP, "rows", per_core)
        return
    plan = make_plan(network, CHIP, "random", per_core)
    seen = set()
    for k, size in enumerate(sizes):
        covered = np.zeros(size, dtype=int)
        for piece in plan.pieces_of(k):
            covered[piece.start : piece.stop] += 1
            slots = {(piece.block, piece.lid_start + i) for i in range(piece.size)}
            assert not slots & seen
            seen |= slots
        assert (covered == 1).all()
    assert max(lid for _, lid in seen) < min(per_core, 1 << plan.lid_bits)
    assert len(set(plan.core_of_block.tolist())) == plan.n_blocks
    assert plan.neurons_of_core().sum() == sum(sizes)


def test_small_populations_share_a_core():
    assert make_plan(network_of([100] * 10), CHIP).n_blocks == 1


@pytest.mark.parametrize(
    ("sizes", "fullest"),
    [
        ([3200, 800], 1000),
        ([10000, 2500], 962),
        ([1024, 1024], 1024),
        ([700, 500], 600),
        ([1] * 1025, 513),
    ],
)
def test_as_few_cores_as_hold_them_equally_full(sizes, fullest):
    plan = make_plan(network_of(sizes), CHIP)
    held = plan.neurons_of_core()
    held = held[held > 0]
    assert held.size == -(-sum(sizes) // 1024)
    assert held.max() == fullest
    assert held.max() - held.min() <= 1


@pytest.mark.parametrize("seed", range(30))
def test_neurons_of_several_compartments_stay_whole(seed):
    """Trees of up to a whole core among small neurons: no core is overfull, and few are wasted."""
    rng = np.random.default_rng(seed)
    network = Network(dt_ms=1.0, seed=1)
    for k in range(int(rng.integers(1, 6))):
        places = int(rng.choice([1, 1, 3, 100, 600, 1024]))
        size = int(rng.integers(1, 3000 // places + 2))
        population = network.population(f"p{k}", size, LifDelta())
        object.__setattr__(population, "model", SimpleNamespace(n_compartments=places))
    slices = cut(network, 1024, 128)
    cores = 0.0
    for population in network.populations:
        own = sorted(
            (one for one in slices if one.population == population.index), key=lambda s: s.start
        )
        assert [one.start for one in own] == [0, *(one.stop for one in own[:-1])]
        assert own[-1].stop == population.size
        cores += population.size / (1024 // population.model.n_compartments)
    ends: dict[int, int] = {}
    for one in slices:
        assert one.lid_start == ends.get(one.block, 0)
        places = network.populations[one.population].model.n_compartments
        ends[one.block] = one.lid_start + one.size * places
    assert max(ends.values()) <= 1024
    assert sorted(ends) == list(range(len(ends)))
    assert len(ends) <= 2 * cores + 1


def test_patches_stay_together():
    plan = make_plan(network_of([820 * 8, 204 * 8], patches=8), CHIP)
    assert plan.n_blocks == 8
    for patch in range(8):
        blocks = {
            piece.block
            for k, size in ((0, 820), (1, 204))
            for piece in plan.pieces_of(k)
            if piece.start <= patch * size < piece.stop
        }
        assert len(blocks) == 1


def brute_force_largest(weights, n_parts):
    n = len(weights)
    best = np.inf
    for cuts in itertools.combinations(range(1, n), n_parts - 1):
        ends = [0, *cuts, n]
        largest = max(sum(weights[a:b]) for a, b in itertools.pairwise(ends))
        best = min(best, largest)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_cut_is_as_even_as_possible(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 10))
    n_parts = int(rng.integers(1, n + 1))
    weights = rng.integers(0, 20, n).astype(float)
    ends = cut_evenly(weights, n_parts)
    assert ends[0] == 0
    assert ends[-1] == n
    assert (np.diff(ends) >= 1).all()
    largest = max(weights[a:b].sum() for a, b in itertools.pairwise(ends))
    assert largest <= brute_force_largest(weights.tolist(), n_parts) + 1e-6


@pytest.mark.parametrize(
    "grid", [(1, 1), (2, 1), (16, 8), (4, 2), (7, 1), (127, 1), (17, 1), (5, 3)]
)
def test_every_rank_gets_a_rectangle_or_a_run(grid):
    rng = np.random.default_rng(grid[0])
    weights = rng.random(128) * (rng.random(128) < 0.6)
    ranks = rank_of_core(weights, 16, 8, grid)
    n_ranks = grid[0] * grid[1]
    assert set(ranks.tolist()) == set(range(n_ranks))
    for rank in range(n_ranks):
        cores = np.flatnonzero(ranks == rank)
        if grid[0] > 16:
            assert (np.diff(cores) == 1).all()
        else:
            x, y = np.unique(cores % 16), np.unique(cores // 16)
            assert cores.size == x.size * y.size
            assert (np.diff(x) == 1).all()
            assert (np.diff(y) == 1).all()


def test_near_placement_finds_a_hidden_line():
    """Blocks of a ring in shuffled order: neighbours end up nearly next to each other."""
    rng = np.random.default_rng(1)
    order = rng.permutation(96)
    traffic = np.zeros((96, 96))
    traffic[order, np.roll(order, 1)] = 100.0
    mesh = Mesh(16, 8)
    near = place("near", mesh, 96, 1, lambda: traffic)
    random = place("random", mesh, 96, 1, pytest.fail)
    assert len(set(near.tolist())) == 96
    lower_bound = 100.0 * 96  # no two blocks share a core
    assert packet_hops(traffic, near, mesh) < 1.25 * lower_bound
    assert packet_hops(traffic, random, mesh) > 5 * lower_bound


def test_expected_packets_of_a_dense_rule():
    network = network_of([2048, 1024])
    a, b = network.populations
    network.connect(a, b, FixedInDegree(4096), weight=1.0, delay_ms=1.0)
    plan = make_plan(network, CHIP)
    packets = packets_per_spike(network, plan.slices, plan.n_blocks)
    # 4096 * 1024 / 2048 = 2048 synapses per source neuron: every neuron reaches the block.
    assert packets[:2, 2] == pytest.approx([1024, 1024])
    assert packets[2].sum() == 0


def test_steps_per_exchange_is_the_shortest_delay_between_cores():
    network = network_of([1024, 1024, 10])
    a, b, c = network.populations
    network.connect(a, b, FixedInDegree(5), weight=1.0, delay_ms=7.0)
    network.connect(a, a, OneToOne(), weight=1.0, delay_ms=2.0)
    network.connect(c, c, FixedInDegree(5), weight=1.0, delay_ms=3.0)
    assert steps_per_exchange(network, make_plan(network, CHIP)) == 7
    network.connect(b, a, OneToOne(), weight=1.0, delay_ms=4.0)
    assert steps_per_exchange(network, make_plan(network, CHIP)) == 4


def test_local_patches_do_not_force_exchanges():
    network = network_of([1024 * 4], patches=4)
    a = network.populations[0]
    own = tuple((k,) for k in range(4))
    far = tuple(((k + 1) % 4,) for k in range(4))
    network.connect(a, a, PatchInDegree(5, own), weight=1.0, delay_ms=1.0)
    network.connect(a, a, PatchInDegree(5, far), weight=1.0, delay_ms=9.0)
    assert steps_per_exchange(network, make_plan(network, CHIP)) == 9
    assert steps_per_exchange(network, make_plan(network, CHIP, "rows", 512)) == 1


def test_wrong_wishes_are_named():
    network = network_of([10])
    with pytest.raises(UsageError, match=", ".join(PLACEMENTS)):
        make_plan(network, CHIP, "diagonal")
    with pytest.raises(CapacityError, match="neurons_per_core"):
        make_plan(network, CHIP, "rows", 1025)
    with pytest.raises(CapacityError, match="neurons_per_core"):
        make_plan(network, CHIP, "rows", 0)
