"""Dimension-order routes: along X to the column of the target, then along Y.

On a torus each dimension takes the shorter way; where both are equally long, east and south.
"""

from __future__ import annotations

from typing import NamedTuple

from distsnn.mesh.geometry import EAST, NORTH, SOUTH, WEST, Mesh


class Run(NamedTuple):
    """A straight part of a route: ``length`` links in one direction, from ``start`` on."""

    direction: int
    start: int
    length: int


def steps(start: int, end: int, length: int, wrap: bool) -> int:
    """Return the signed number of steps from start to end on a line or ring of ``length`` places.

    On a ring the shorter way; upwards where both are equal.
    """
    way = end - start
    if not wrap:
        return way
    ahead = way % length
    return ahead if 2 * ahead <= length else ahead - length


def route(mesh: Mesh, source: int, target: int) -> tuple[Run, ...]:
    """Return the straight runs of the way from node to node: none, one or two."""
    x, y = mesh.xy(source)
    x_target, y_target = mesh.xy(target)
    along_x = steps(x, x_target, mesh.width, mesh.wrap)
    along_y = steps(y, y_target, mesh.height, mesh.wrap)
    runs = []
    if along_x:
        runs.append(Run(EAST if along_x > 0 else WEST, source, abs(along_x)))
    if along_y:
        turn = mesh.node(x_target, y)
        runs.append(Run(SOUTH if along_y > 0 else NORTH, turn, abs(along_y)))
    return tuple(runs)


def walk(mesh: Mesh, source: int, target: int) -> list[int]:
    """Return the ids of the links of the way from node to node, in order."""
    links = []
    for direction, node, length in route(mesh, source, target):
        for _ in range(length):
            links.append(mesh.link(direction, node))
            node = mesh.neighbour(node, direction)
    return links


def hops(mesh: Mesh, source: int, target: int) -> int:
    """Return the number of links from node to node."""
    return sum(run.length for run in route(mesh, source, target))


def next_direction(mesh: Mesh, node: int, target: int) -> int:
    """Return the direction in which a packet leaves a node, -1 where it has arrived."""
    runs = route(mesh, node, target)
    return runs[0].direction if runs else -1
