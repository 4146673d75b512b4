"""Loads of all directed links from numbers of packets per pair of nodes, exact in int64.

The differences are those of ``distsnn.kernels.mesh.link_loads``: +1 where a straight run begins, -1
where it ends, and the running sums along rows and columns are the loads.
"""

from __future__ import annotations

import numpy as np

from distsnn.errors import UsageError, describe
from distsnn.mesh.geometry import EAST, NORTH, SOUTH, WEST, Mesh

PAIRS_AT_ONCE = 1 << 18


def link_loads(
    mesh: Mesh, source: np.ndarray, target: np.ndarray, packets: np.ndarray
) -> np.ndarray:
    """Return int64 [4, n_nodes], packets over each directed link.

    packets[i] packets go from node source[i] to node target[i]; pairs may repeat. Raises
    UsageError for nodes outside the mesh.
    """
    source, target = _nodes(mesh, source), _nodes(mesh, target)
    packets = np.asarray(packets, dtype=np.int64)
    differences = np.zeros(4 * mesh.n_nodes, dtype=np.int64)
    for first in range(0, source.size, PAIRS_AT_ONCE):
        part = slice(first, first + PAIRS_AT_ONCE)
        _add_differences(mesh, source[part], target[part], packets[part], differences)
    return sum_differences(mesh, differences)


def _add_differences(
    mesh: Mesh,
    source: np.ndarray,
    target: np.ndarray,
    packets: np.ndarray,
    differences: np.ndarray,
) -> None:
    """Write down where the straight runs of all packets begin and end; int64 [4 * n_nodes]."""
    y_source, x_source = np.divmod(source, mesh.width)
    y_target, x_target = np.divmod(target, mesh.width)
    turn = y_source * mesh.width + x_target
    along_x = signed_steps(x_source, x_target, mesh.width, mesh.wrap)
    along_y = signed_steps(y_source, y_target, mesh.height, mesh.wrap)
    row_x = np.where(along_x >= 0, EAST, WEST) * mesh.n_nodes
    row_y = np.where(along_y >= 0, SOUTH, NORTH) * mesh.n_nodes
    for row, start, end in ((row_x, source, turn), (row_y, turn, target)):
        np.add.at(differences, row + start, packets)
        np.add.at(differences, row + end, -packets)
    if mesh.wrap:
        edge_x = y_source * mesh.width + np.where(along_x >= 0, 0, mesh.width - 1)
        edge_y = np.where(along_y >= 0, 0, mesh.height - 1) * mesh.width + x_target
        goes_around_x = along_x != x_target - x_source
        goes_around_y = along_y != y_target - y_source
        np.add.at(differences, row_x + edge_x, goes_around_x * packets)
        np.add.at(differences, row_y + edge_y, goes_around_y * packets)


def matrix_link_loads(mesh: Mesh, matrix: np.ndarray) -> np.ndarray:
    """Return the loads of a whole traffic matrix, int [n_nodes, n_nodes] of source and target."""
    matrix = np.asarray(matrix)
    if matrix.shape != (mesh.n_nodes, mesh.n_nodes):
        limit = f"({mesh.n_nodes}, {mesh.n_nodes})"
        raise UsageError(
            describe("traffic matrix", "has shape", matrix.shape, limit, "Use one row per core.")
        )
    source, target = np.nonzero(matrix)
    return link_loads(mesh, source, target, matrix[source, target])


def signed_steps(start: np.ndarray, end: np.ndarray, length: int, wrap: bool) -> np.ndarray:
    """Return signed steps from start to end on a line or ring, as ``route.steps`` for arrays."""
    way = end - start
    if not wrap:
        return way
    ahead = way % length
    return np.where(2 * ahead <= length, ahead, ahead - length)


def sum_differences(mesh: Mesh, differences: np.ndarray) -> np.ndarray:
    """Return the loads [4, n_nodes] that differences [4 * n_nodes] stand for."""
    shaped = differences.reshape(4, mesh.height, mesh.width)
    loads = np.empty_like(shaped)
    loads[EAST] = np.cumsum(shaped[EAST], axis=1)
    loads[WEST] = np.cumsum(shaped[WEST][:, ::-1], axis=1)[:, ::-1]
    loads[SOUTH] = np.cumsum(shaped[SOUTH], axis=0)
    loads[NORTH] = np.cumsum(shaped[NORTH][::-1], axis=0)[::-1]
    return loads.reshape(4, mesh.n_nodes)


def _nodes(mesh: Mesh, nodes: np.ndarray) -> np.ndarray:
    nodes = np.asarray(nodes, dtype=np.int64)
    if nodes.size and (nodes.min() < 0 or nodes.max() >= mesh.n_nodes):
        wrong = nodes.min() if nodes.min() < 0 else nodes.max()
        limit = f"0 to {mesh.n_nodes - 1}"
        raise UsageError(describe("packets", "name core", wrong, limit, "Choose a larger chip."))
    return nodes
