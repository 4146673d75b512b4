"""A lower bound of the packet-hops of any placement: how much a better one could still gain.

Source: Gilmore 1962, J SIAM 10:305 and Lawler 1963, Management Science 9:586 (bound of the
quadratic assignment problem).
"""

from __future__ import annotations

import numpy as np

MAX_CORES = 2048  # the assignment takes time as the cube of the cores


def least_packet_hops(traffic: np.ndarray, width: int, height: int) -> float:
    """Return packet-hops that no placement of the blocks on the mesh can go below.

    traffic: float64 [blocks, blocks], packets from block to block. A block on a core pays at least
    for its heaviest traffic to the nearest cores, its next to the next nearest, and so on; the bound
    is the cheapest assignment of blocks to cores at these prices. scipy is imported here.
    """
    from scipy.optimize import linear_sum_assignment

    n_blocks, n_cores = traffic.shape[0], width * height
    if n_blocks > n_cores or n_cores > MAX_CORES:
        raise ValueError(f"{n_blocks} blocks on {n_cores} cores, limit {MAX_CORES} cores")
    packets = traffic.astype(np.float64).copy()
    np.fill_diagonal(packets, 0.0)
    heaviest = -np.sort(-packets, axis=1)[:, : n_blocks - 1]
    x, y = np.arange(n_cores) % width, np.arange(n_cores) // width
    hops = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    nearest = np.sort(hops, axis=1)[:, 1:n_blocks].astype(np.float64)
    prices = heaviest @ nearest.T
    return float(prices[linear_sum_assignment(prices)].sum())
