"""Routes of single packets, by the routing order of a mesh."""

from __future__ import annotations

from typing import NamedTuple

from distsnn.mesh.geometry import Mesh


class Run(NamedTuple):
    """A straight part of a route: ``length`` links in one direction, from ``start`` on."""

    direction: int
    start: int
    length: int


def next_run(mesh: Mesh, node: int, target: int) -> Run:
    """Return the next straight run of a packet at a node; of length 0 at its target."""
    # leg: the device function that the kernels use too, called as plain Python.
    leg, shape = mesh.order.leg, (mesh.width, mesh.height, int(mesh.wrap))
    direction, links = leg(*mesh.xy(node), *mesh.xy(target), *shape)
    return Run(int(direction), node, int(links))


def route(mesh: Mesh, source: int, target: int) -> tuple[Run, ...]:
    """Return the straight runs of the way from node to node; none if they are the same."""
    runs = []
    run = next_run(mesh, source, target)
    while run.length:
        runs.append(run)
        # Step by step to the end of the run, since it may go around the edge.
        node = run.start
        for _ in range(run.length):
            node = mesh.neighbour(node, run.direction)
        run = next_run(mesh, node, target)
    return tuple(runs)


def walk(mesh: Mesh, source: int, target: int) -> list[int]:
    """Return the ids of the links of the way from node to node, in order."""
    links = []
    # Each link by its direction and the node that it leaves.
    for direction, node, length in route(mesh, source, target):
        for _ in range(length):
            links.append(mesh.link(direction, node))
            node = mesh.neighbour(node, direction)
    return links


def hops(mesh: Mesh, source: int, target: int) -> int:
    """Return the number of links from node to node."""
    return sum(run.length for run in route(mesh, source, target))


def next_direction(mesh: Mesh, node: int, target: int) -> int:
    """Return the direction in which a packet leaves a node, -1 if it has arrived."""
    run = next_run(mesh, node, target)
    return run.direction if run.length else -1
