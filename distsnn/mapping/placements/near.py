"""Heavy traffic on short ways: simulated annealing of packets times hops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.kernels.mesh.anneal import anneal
from distsnn.kernels.mesh.routing import routed
from distsnn.mapping.placement_cost import packet_hops
from distsnn.mesh import Mesh
from distsnn.mesh.loads import shape_of

MAX_MOVES = 3_000_000
MOVES_PER_BLOCK = 20_000
MAX_VISITS = 3e8  # moves times neighbours of a block
HOT, COLD = 0.05, 1e-4  # temperature at start and end, of the traffic of a block


def place(mesh: Mesh, n_blocks: int, seed: int, traffic: Callable[[], np.ndarray]) -> np.ndarray:
    """Return the core of each block, see ``Placement``. Anneals from the better of two starts."""
    # Hops are the same in both directions, so only the sum of both traffics matters.
    one_way = traffic()
    both_ways = one_way + one_way.T
    np.fill_diagonal(both_ways, 0.0)
    start, neighbour = _lists(both_ways)
    weights = both_ways[both_ways > 0]
    if not weights.size:
        return np.arange(n_blocks, dtype=np.int32)
    starts = [np.arange(n_blocks), _from_the_middle(n_blocks, mesh)]
    position = min(starts, key=lambda p: packet_hops(one_way, p, mesh)).astype(np.int64)
    block_at = np.full(mesh.n_nodes, -1, dtype=np.int64)
    block_at[position] = np.arange(n_blocks)
    # Temperatures relative to the mean traffic of a block.
    temperature = both_ways.sum() / n_blocks * np.array([HOT, COLD])
    n_visits = max(1.0, neighbour.size / n_blocks)
    # Bounded by moves, by moves per block, and by visits of neighbours (moves x mean degree).
    n_moves = int(min(MAX_MOVES, MOVES_PER_BLOCK * n_blocks, MAX_VISITS / n_visits))
    # Seed times 2^32 / golden ratio plus an offset: never 0, as xorshift requires.
    random_state = np.array([seed * 2654435761 % 2**63 + 88172645463325252], dtype=np.uint64)
    routed(anneal, mesh.order)(
        n_moves, shape_of(mesh), start, neighbour, weights, position, block_at, temperature,
        random_state,
    )  # fmt: skip
    return position.astype(np.int32)


def _lists(both_ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the neighbours of each block as starts int64 [n + 1] and lists int32."""
    rows, neighbour = np.nonzero(both_ways > 0)
    start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=both_ways.shape[0]))])
    return start.astype(np.int64), neighbour.astype(np.int32)


def _from_the_middle(n_blocks: int, mesh: Mesh) -> np.ndarray:
    """Return the n_blocks cores nearest to the middle of the mesh."""
    y, x = np.divmod(np.arange(mesh.n_nodes), mesh.width)
    distance = np.abs(x - (mesh.width - 1) / 2) + np.abs(y - (mesh.height - 1) / 2)
    return np.sort(np.argsort(distance, kind="stable")[:n_blocks])
