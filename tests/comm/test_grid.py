"""The shape of the grid of ranks."""

from __future__ import annotations

import pytest

from distsnn.comm import rank_grid
from distsnn.errors import LaunchError


@pytest.mark.parametrize(
    ("n_ranks", "shape"),
    [(1, (1, 1)), (2, (2, 1)), (8, (8, 1)), (16, (16, 1)), (32, (16, 2)), (64, (16, 4)),
     (128, (16, 8)), (24, (12, 2)), (17, (17, 1)), (127, (127, 1)), (22, (11, 2))],
)  # fmt: skip
def test_known_shapes(n_ranks, shape):
    assert rank_grid(n_ranks, 16, 8) == shape


@pytest.mark.parametrize(("width", "height"), [(16, 8), (7, 5), (1, 9), (64, 64), (3, 1)])
def test_every_number_of_ranks(width, height):
    """Compared with the best of all factors that fit; a single row if none does."""
    for n_ranks in range(1, width * height + 1):
        n_x, n_y = rank_grid(n_ranks, width, height)
        fitting = [
            (x, y) for x in range(1, width + 1) for y in range(1, height + 1) if x * y == n_ranks
        ]
        assert (n_x, n_y) == (max(fitting) if fitting else (n_ranks, 1))


@pytest.mark.parametrize("n_ranks", [0, -1, 129])
def test_more_ranks_than_cores(n_ranks):
    with pytest.raises(LaunchError, match=f"must be 1 to 128, .*, got {n_ranks}"):
        rank_grid(n_ranks, 16, 8)
