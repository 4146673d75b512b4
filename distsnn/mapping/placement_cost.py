"""The cost of a placement, packets times hops, and a lower bound of it for any placement.

Source of the bound: Gilmore 1962, J SIAM 10:305 and Lawler 1963, Management Science 9:586 (quadratic
assignment problem).
"""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.mesh import Mesh, hops_between

MAX_CORES = 2048  # the assignment takes time as the cube of the cores


def packet_hops(traffic: np.ndarray, core_of_block: np.ndarray, mesh: Mesh) -> float:
    """Return the sum of packets times hops; traffic: float64 [blocks, blocks]."""
    hops = hops_between(mesh, core_of_block[:, None], core_of_block[None, :])
    return float((traffic * hops).sum())


def least_packet_hops(traffic: np.ndarray, mesh: Mesh) -> float:
    """Return packet-hops that no placement of the blocks on the mesh can go below.

    traffic: float64 [blocks, blocks], packets from block to block. A block on a core pays at least
    for its heaviest traffic to the nearest cores, its next to the next nearest, and so on; the bound
    is the cheapest assignment of blocks to cores at these prices. scipy is imported here. Raises
    CapacityError for a mesh that is too small or too large for the assignment.
    """
    from scipy.optimize import linear_sum_assignment

    n_blocks, n_cores = traffic.shape[0], mesh.n_nodes
    if n_blocks > n_cores or n_cores > MAX_CORES:
        limit = f"of {n_blocks} to {MAX_CORES} cores"
        raise CapacityError(must_be("lower bound: mesh", limit, n_cores, "Choose another."))
    packets = traffic.astype(np.float64).copy()
    np.fill_diagonal(packets, 0.0)
    # Gilmore-Lawler bound: traffic of a block in falling order ...
    heaviest = -np.sort(-packets, axis=1)[:, : n_blocks - 1]
    cores = np.arange(n_cores)
    hops = hops_between(mesh, cores[:, None], cores[None, :])
    # ... times distances of a core in rising order, the core itself left out,
    nearest = np.sort(hops, axis=1)[:, 1:n_blocks].astype(np.float64)
    # is the least price of that block on that core (rearrangement inequality).
    prices = heaviest @ nearest.T
    return float(prices[linear_sum_assignment(prices)].sum())
