"""Distances of nodes, and loads of links from numbers of packets per pair of nodes; exact in int64."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.kernels.mesh.anneal import all_hops
from distsnn.kernels.mesh.link_loads import count_pairs, finish_pairs, wide_differences
from distsnn.kernels.mesh.routing import routed
from distsnn.mesh.geometry import Mesh


def link_loads(
    mesh: Mesh, source: np.ndarray, target: np.ndarray, packets: np.ndarray
) -> np.ndarray:
    """Return int64 [4, n_nodes], packets over each directed link.

    packets[i] packets go from node source[i] to node target[i]; pairs may repeat. Raises
    UsageError for nodes outside the mesh.
    """
    source, target = _nodes(mesh, source), _nodes(mesh, target)
    differences = wide_differences(mesh.width, mesh.height, wrap=mesh.wrap)
    # Stage 1: +packets where a run of a route begins, -packets where it ends.
    count = routed(count_pairs, mesh.order)
    count(source, target, np.ascontiguousarray(packets, dtype=np.int64), differences)
    # Stage 2: running sums along rows and columns give the load of each link.
    loads = np.zeros((1, 4 * mesh.n_nodes), dtype=np.int64)
    finish_pairs(0, differences, loads)
    return loads.reshape(4, mesh.n_nodes)


def matrix_link_loads(mesh: Mesh, matrix: np.ndarray) -> np.ndarray:
    """Return the loads of a whole traffic matrix, int [n_nodes, n_nodes] of source and target."""
    matrix = np.asarray(matrix)
    if matrix.shape != (mesh.n_nodes, mesh.n_nodes):
        limit = f"of shape ({mesh.n_nodes}, {mesh.n_nodes})"
        raise UsageError(must_be("traffic matrix", limit, matrix, "Use one row per core."))
    source, target = np.nonzero(matrix)
    return link_loads(mesh, source, target, matrix[source, target])


def hops_between(mesh: Mesh, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the number of links from each node source[i] to target[i], int64; any one shape."""
    source, target = np.broadcast_arrays(_nodes(mesh, source), _nodes(mesh, target))
    links = np.zeros(source.size, dtype=np.int64)
    routed(all_hops, mesh.order)(
        shape_of(mesh), np.ascontiguousarray(source).ravel(), np.ascontiguousarray(target).ravel(),
        links,
    )  # fmt: skip
    return links.reshape(source.shape)


def shape_of(mesh: Mesh) -> np.ndarray:
    """Return width, height and whether it is a torus, int64 [3], for kernels."""
    return np.array([mesh.width, mesh.height, mesh.wrap], dtype=np.int64)


def _nodes(mesh: Mesh, nodes: np.ndarray) -> np.ndarray:
    nodes = np.ascontiguousarray(nodes, dtype=np.int64)
    if nodes.size and (nodes.min() < 0 or nodes.max() >= mesh.n_nodes):
        wrong = nodes.min() if nodes.min() < 0 else nodes.max()
        limit = f"between cores 0 to {mesh.n_nodes - 1}"
        raise UsageError(must_be("packets", limit, wrong, "Choose a larger chip."))
    return nodes
