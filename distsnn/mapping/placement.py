"""Where blocks go on the mesh: row by row, at random, or so that heavy traffic stays near."""

from __future__ import annotations

import numpy as np

from distsnn.errors import UsageError
from distsnn.kernels.mesh.anneal import anneal

PLACEMENTS = ("rows", "random", "near")
MAX_MOVES = 3_000_000


def place(
    placement: str, n_blocks: int, width: int, height: int, seed: int, traffic: np.ndarray | None
) -> np.ndarray:
    """Return the core of each block, int32 [n_blocks].

    traffic: float64 [n_blocks, n_blocks], expected packets; used by ``near`` only.
    """
    if placement == "rows":
        return np.arange(n_blocks, dtype=np.int32)
    if placement == "random":
        order = np.random.Generator(np.random.PCG64([seed, 0x706C6163])).permutation(width * height)
        return order[:n_blocks].astype(np.int32)
    if placement == "near" and traffic is not None:
        return _near(traffic, width, height, seed)
    raise UsageError(
        f"placement: is {placement!r}, limit {', '.join(PLACEMENTS)}. Choose one of these."
    )


def packet_hops(traffic: np.ndarray, core_of_block: np.ndarray, width: int) -> float:
    """Return the sum of packets times hops for a placement."""
    x, y = core_of_block % width, core_of_block // width
    hops = np.abs(x[:, None] - x[None, :]) + np.abs(y[:, None] - y[None, :])
    return float((traffic * hops).sum())


def _near(traffic: np.ndarray, width: int, height: int, seed: int) -> np.ndarray:
    """Anneal from the better of several compact starts."""
    n_blocks, n_cores = traffic.shape[0], width * height
    both_ways = traffic + traffic.T
    np.fill_diagonal(both_ways, 0.0)
    start, neighbour = _lists(both_ways)
    weights = both_ways[both_ways > 0]
    if not weights.size:
        return np.arange(n_blocks, dtype=np.int32)
    starts = [np.arange(n_blocks), _from_the_middle(n_blocks, width, height)]
    position = min(starts, key=lambda p: packet_hops(traffic, p, width)).astype(np.int64)
    block_at = np.full(n_cores, -1, dtype=np.int64)
    block_at[position] = np.arange(n_blocks)
    per_block = both_ways.sum() / n_blocks
    temperature = np.array([per_block * 0.05, per_block * 1e-4])
    n_moves = int(min(MAX_MOVES, 20_000 * n_blocks, 3e8 / max(1.0, neighbour.size / n_blocks)))
    state = np.array([seed * 2654435761 % 2**63 + 88172645463325252], dtype=np.uint64)
    anneal(n_moves, width, start, neighbour, weights, position, block_at, temperature, state)
    return position.astype(np.int32)


def _lists(both_ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, neighbour = np.nonzero(both_ways > 0)
    start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=both_ways.shape[0]))])
    return start.astype(np.int64), neighbour.astype(np.int32)


def _from_the_middle(n_blocks: int, width: int, height: int) -> np.ndarray:
    """Return the n_blocks cores nearest to the middle of the mesh."""
    core = np.arange(width * height)
    distance = np.abs(core % width - (width - 1) / 2) + np.abs(core // width - (height - 1) / 2)
    return np.sort(np.argsort(distance, kind="stable")[:n_blocks])
