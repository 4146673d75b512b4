"""The grid of ranks over the mesh of cores of a chip."""

from __future__ import annotations

from distsnn.checks import must_be
from distsnn.errors import LaunchError


def rank_grid(n_ranks: int, width: int, height: int) -> tuple[int, int]:
    """Return the numbers of ranks along x and y, (Px, Py); rank = py * Px + px.

    Px * Py = n_ranks with the largest Px for which Px <= width and Py <= height. If n_ranks has no such
    factors, the result is (n_ranks, 1), and the ranks own consecutive cores in row-major order. Raises
    LaunchError for more ranks than cores.
    """
    if n_ranks < 1 or n_ranks > width * height:
        limit = f"1 to {width * height}, at most one for each core of the chip"
        remedy = f"Start fewer ranks, or let the run use the first {width * height}."
        raise LaunchError(must_be("ranks", limit, n_ranks, remedy))
    # the largest divisor of n_ranks that fits the width and leaves a fitting height
    for n_x in range(min(width, n_ranks), 0, -1):
        if n_ranks % n_x == 0 and n_ranks // n_x <= height:
            return n_x, n_ranks // n_x
    return n_ranks, 1
