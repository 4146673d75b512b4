"""Directed links by their ends, with the packets that they carried."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from distsnn.mesh import Mesh


class Link(NamedTuple):
    """A directed link by the (x, y) of its ends, and the packets that it carried."""

    start: tuple[int, int]
    end: tuple[int, int]
    packets: int


def links_of(mesh: Mesh, loads: np.ndarray) -> list[Link]:
    """Return every directed link that carried packets, by the node it leaves, then direction."""
    # The transpose sorts by node first, then by direction.
    return [
        Link(mesh.xy(node), mesh.xy(mesh.neighbour(node, direction)), int(loads[direction, node]))
        for node, direction in np.argwhere(loads.T > 0).tolist()
    ]


def busiest_link_of(mesh: Mesh, loads: np.ndarray) -> Link | None:
    """Return the link with most packets (the one with the lowest id of several), None if idle."""
    # argmax takes the first of equal loads: the lowest link id.
    direction, node = divmod(int(np.argmax(loads)), mesh.n_nodes)
    if loads[direction, node] == 0:
        return None
    end = mesh.xy(mesh.neighbour(node, direction))
    return Link(mesh.xy(node), end, int(loads[direction, node]))
