"""The lower bound of packet-hops against all placements of small networks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from distsnn.mapping.placement import packet_hops, place
from distsnn.mapping.placement_bound import least_packet_hops


def best_of_all(traffic, width, height):
    cores = range(width * height)
    orders = itertools.permutations(cores, traffic.shape[0])
    return min(packet_hops(traffic, np.array(order), width) for order in orders)


@pytest.mark.parametrize("n_blocks", [2, 4, 6])
@pytest.mark.parametrize("seed", range(4))
def test_no_placement_is_below(n_blocks, seed):
    traffic = np.random.default_rng(seed).exponential(size=(n_blocks, n_blocks))
    bound = least_packet_hops(traffic, 3, 2)
    best = best_of_all(traffic, 3, 2)
    assert 0.6 * best < bound <= best * (1 + 1e-12)


def test_a_star_reaches_it():
    """One block that all others send to sits in the middle of the cross: the bound is the best."""
    traffic = np.zeros((5, 5))
    traffic[0, 1:] = (4.0, 3.0, 2.0, 1.0)
    assert least_packet_hops(traffic, 3, 3) == 10.0
    assert best_of_all(traffic, 3, 3) == 10.0


def test_traffic_within_a_block_costs_nothing():
    assert least_packet_hops(np.eye(4), 2, 2) == 0.0


def test_near_is_between_the_bound_and_random():
    rng = np.random.default_rng(1)
    near_diagonal = np.exp(-np.abs(np.subtract.outer(np.arange(60), np.arange(60))) / 3.0)
    shuffled = rng.permutation(60)
    traffic = near_diagonal[np.ix_(shuffled, shuffled)]
    hops = {
        name: packet_hops(traffic, place(name, 60, 16, 8, 1, traffic), 16)
        for name in ("near", "random")
    }
    bound = least_packet_hops(traffic, 16, 8)
    assert bound < hops["near"] < 0.6 * hops["random"]


def test_more_blocks_than_cores_are_refused():
    with pytest.raises(ValueError, match="5 blocks on 4 cores"):
        least_packet_hops(np.ones((5, 5)), 2, 2)
