"""The lower bound of packet-hops against all placements of small networks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from distsnn.errors import CapacityError
from distsnn.mapping.placement import place
from distsnn.mapping.placement_cost import least_packet_hops, packet_hops
from distsnn.mesh import Mesh


def best_of_all(traffic, mesh):
    y, x = np.divmod(np.arange(mesh.n_nodes), mesh.width)
    hops = abs(x[:, None] - x) + abs(y[:, None] - y)
    orders = itertools.permutations(range(mesh.n_nodes), traffic.shape[0])
    return min((traffic * hops[np.ix_(order, order)]).sum() for order in orders)


@pytest.mark.parametrize("n_blocks", [2, 4, 6])
@pytest.mark.parametrize("seed", range(4))
def test_no_placement_is_below(n_blocks, seed):
    traffic = np.random.default_rng(seed).exponential(size=(n_blocks, n_blocks))
    bound = least_packet_hops(traffic, Mesh(3, 2))
    best = best_of_all(traffic, Mesh(3, 2))
    assert 0.6 * best < bound <= best * (1 + 1e-12)


def test_a_star_reaches_it():
    """One block that all others send to sits in the middle of the cross: the bound is the best."""
    traffic = np.zeros((5, 5))
    traffic[0, 1:] = (4.0, 3.0, 2.0, 1.0)
    assert least_packet_hops(traffic, Mesh(3, 3)) == 10.0
    assert best_of_all(traffic, Mesh(3, 3)) == 10.0


def test_traffic_within_a_block_costs_nothing():
    assert least_packet_hops(np.eye(4), Mesh(2, 2)) == 0.0


def test_near_is_between_the_bound_and_random():
    rng = np.random.default_rng(1)
    near_diagonal = np.exp(-np.abs(np.subtract.outer(np.arange(60), np.arange(60))) / 3.0)
    shuffled = rng.permutation(60)
    traffic = near_diagonal[np.ix_(shuffled, shuffled)]
    mesh = Mesh(16, 8)
    hops = {
        name: packet_hops(traffic, place(name, mesh, 60, 1, lambda: traffic), mesh)
        for name in ("near", "random")
    }
    bound = least_packet_hops(traffic, mesh)
    assert bound < hops["near"] < 0.6 * hops["random"]


def test_more_blocks_than_cores_are_refused():
    with pytest.raises(CapacityError, match="must be of 5 to 2048 cores, got 4"):
        least_packet_hops(np.ones((5, 5)), Mesh(2, 2))
