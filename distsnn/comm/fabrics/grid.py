"""The grid of ranks over the chip's core mesh."""

from __future__ import annotations

from distsnn.checks import must_be
from distsnn.errors import LaunchError


def rank_grid(n_ranks: int, width: int, height: int) -> tuple[int, int]:
    """Return (Px, Py), Px * Py = n_ranks, Px <= width, Py <= height, with the largest such Px.

    A number of ranks without such factors gives (n_ranks, 1): the ranks then own runs of cores in
    row-major order. Rank = py * Px + px. Raises LaunchError for more ranks than cores.
    """
    if n_ranks < 1 or n_ranks > width * height:
        limit = f"1 to {width * height}, at most one for each core of the chip"
        remedy = f"Start fewer ranks, or let the run use the first {width * height}."
        raise LaunchError(must_be("ranks", limit, n_ranks, remedy))
    for n_x in range(min(width, n_ranks), 0, -1):
        if n_ranks % n_x == 0 and n_ranks // n_x <= height:
            return n_x, n_ranks // n_x
    return n_ranks, 1
