"""Where neurons are: grids, random and given places."""

from __future__ import annotations

import numpy as np
import pytest
from pair_twin import P_LIMIT
from scipy import stats

from distsnn.network import GivenPositions, Grid1D, Grid2D, Grid3D, Network, RandomPositions
from distsnn.neurons import LifExp


def positions_of(layout: object, size: int, seed: int = 1, first: int = 0) -> np.ndarray:
    network = Network(seed=seed)
    for k in range(first):
        network.population(f"before{k}", 1, LifExp())
    return network.population("p", size, LifExp(), positions=layout).positions


def test_a_line_is_evenly_spaced_around_its_ends():
    points = positions_of(Grid1D(2.0), 8)
    assert points.shape == (8, 1)
    assert points[:, 0] == pytest.approx(0.125 + 0.25 * np.arange(8))


def test_the_last_coordinate_changes_fastest():
    points = positions_of(Grid2D((3.0, 1.0), shape=(3, 2)), 6)
    assert points.tolist() == [[0.5, 0.25], [0.5, 0.75], [1.5, 0.25], [1.5, 0.75], [2.5, 0.25],
                               [2.5, 0.75]]  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "size", "numbers"),
    [
        (Grid2D(1.0), 4000, (50, 80)),
        (Grid2D((1.0, 4.0)), 400, (10, 40)),
        (Grid3D(1.0), 960, (8, 10, 12)),
        (Grid3D((2.0, 2.0, 1.0)), 4000, (20, 20, 10)),
        (Grid2D(1.0, shape=(100, 40)), 4000, (100, 40)),
    ],
)
def test_a_grid_has_the_most_equal_spacing(layout, size, numbers):
    points = positions_of(layout, size)
    found = tuple(np.unique(points[:, axis]).size for axis in range(points.shape[1]))
    assert found == numbers
    assert np.unique(points, axis=0).shape[0] == size
    assert (points > 0).all()
    assert (points < layout.extent).all()


@pytest.mark.parametrize("extent", [3.0, (1.0, 5.0), (1.0, 2.0, 3.0), (7.0,)])
def test_random_positions_are_uniform_and_independent(extent):
    layout = RandomPositions(extent)
    points = positions_of(layout, 4000)
    assert points.shape == (4000, np.size(extent) if np.ndim(extent) else 2)
    for axis, side in enumerate(layout.extent):
        assert stats.kstest(points[:, axis] / side, "uniform").pvalue > P_LIMIT
        for other in range(axis):
            assert stats.pearsonr(points[:, axis], points[:, other]).pvalue > P_LIMIT


def test_random_positions_follow_from_seed_and_population():
    first = positions_of(RandomPositions(1.0), 50)
    assert (positions_of(RandomPositions(1.0), 50) == first).all()
    assert (positions_of(RandomPositions(1.0), 30) == first[:30]).all()
    assert not (positions_of(RandomPositions(1.0), 50, seed=2) == first).any()
    assert not (positions_of(RandomPositions(1.0), 50, first=1) == first).any()


def test_given_positions_are_kept_in_any_unit():
    points = np.random.default_rng(1).normal(0.0, 1e-6, (20, 3))
    assert (positions_of(points, 20) == points).all()
    assert (positions_of(points.tolist(), 20) == points).all()
    assert positions_of(points[:, 0], 20).shape == (20, 1)
    inside = GivenPositions(np.abs(points), extent=1e-5)
    assert (positions_of(inside, 20) == np.abs(points)).all()


def test_positions_are_read_only_and_none_unless_given():
    with pytest.raises(ValueError, match="read-only"):
        positions_of(Grid1D(1.0), 4)[0] = 0.0
    assert positions_of(None, 4) is None


def test_positions_of_some_neurons():
    network = Network()
    cells = network.population("p", 100, LifExp(), positions=RandomPositions(1.0))
    some = cells[[3, 17, 99]]
    assert (some.positions == cells.positions[[3, 17, 99]]).all()
    assert some.space.extent == cells.space.extent
    assert network.population("q", 10, LifExp())[:3].positions is None
