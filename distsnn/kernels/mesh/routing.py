"""Routing orders: their interface, the known orders, and kernels compiled with one.

An order is a file of ``orders/`` that ends with ``order = routing_order(leg)``. Its one necessary part
is ``leg``, a device function of coordinates: the next straight run of a packet at (x, y) on its way to
(to_x, to_y). All else follows from it: the walk of a packet, the distance of two nodes, the marks from
which the loads of links are summed. An order may give faster functions for the last two; a test holds
them to ``leg``.

Routes must be shortest ways, so that on a mesh that is no torus they stay in the rectangle around their
ends; in a ring of two nodes they must go east or south, since both links lead to the same rank.

Nodes are numbered row by row, node = y * width + x, row 0 at the top: east is x + 1, south y + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.compile.file_modules import import_file
from distsnn.kernels.compile.substitute import substituted
from distsnn.named_files import named_files

EAST, WEST, NORTH, SOUTH = range(4)
N_SPARE = 8  # columns after the nodes in the differences of link loads
DEFAULT_ROUTING = "xy"
ORDERS = "kernels/mesh/orders"


@dataclass(frozen=True)
class RoutingOrder:
    """The device functions of a routing order. Coordinates are whole numbers; is_torus is 0 or 1.

    leg(x, y, to_x, to_y, width, height, is_torus) -> (direction, links): the next straight run; 0
    links at the target.
    hops(x, y, to_x, to_y, width, height, is_torus) -> links from node to node.
    mark(here, there, x, y, to_x, to_y, width, ring_height, n, base, differences): write n packets from
    node here to node there into the differences of link loads (see ``link_loads``). All uint64 but n,
    which has the type of the differences. ring_height: height of a torus, 0 on a mesh. base: first row
    of the fabric.
    """

    leg: Callable[..., Any]
    hops: Callable[..., Any]
    mark: Callable[..., Any]


def routing_order(
    leg: Callable[..., Any],
    hops: Callable[..., Any] | None = None,
    mark: Callable[..., Any] | None = None,
) -> RoutingOrder:
    """Return the order with these device functions; those not given are derived from ``leg``."""
    return RoutingOrder(leg, hops or _hops_by(leg), mark or _mark_by(leg))


@device
def steps_along(start, end, length, is_torus):
    """Return the signed number of steps on a line; on a ring the fewest, upwards of two equal ways."""
    # Signed distance on a line; on a ring modulo its length, in -length/2 < steps <= length/2.
    steps = end - start
    if is_torus:
        steps %= length
        if 2 * steps > length:
            steps -= length
    return steps


@device
def end_of(x, y, direction, links, width, height):
    """Return (x, y) at the end of a straight run; on a torus it may go around the edge."""
    if direction == EAST:
        return (x + links) % width, y
    if direction == WEST:
        return (x - links) % width, y
    if direction == NORTH:
        return x, (y - links) % height
    return x, (y + links) % height


def _hops_by(leg: Callable[..., Any]) -> Callable[..., Any]:
    """Return the ``hops`` of an order: the lengths of its runs."""

    @device
    def hops(x, y, to_x, to_y, width, height, is_torus):
        total = np.int64(0)
        direction, links = leg(x, y, to_x, to_y, width, height, is_torus)
        while links > 0:
            total += links
            # Next run from the end of this one.
            x, y = end_of(x, y, direction, links, width, height)
            direction, links = leg(x, y, to_x, to_y, width, height, is_torus)
        return total

    return hops


@device
def edge_of(x, y, direction, links, width, height):
    """Return the node at which a run enters again that goes around the edge, -1 if it does not."""
    if direction == EAST and x + links >= width:
        return y * width
    if direction == WEST and links > x:
        return y * width + width - 1
    if direction == NORTH and links > y:
        return (height - 1) * width + x
    if direction == SOUTH and y + links >= height:
        return x
    return np.int64(-1)


def _mark_by(leg: Callable[..., Any]) -> Callable[..., Any]:
    """Return the ``mark`` of an order: +n at the beginning of each run, -n at its end."""

    @device
    def mark(here, there, x, y, to_x, to_y, width, ring_height, n, base, differences):
        x, y, to_x, to_y = np.int64(x), np.int64(y), np.int64(to_x), np.int64(to_y)
        width, is_torus = np.int64(width), np.int64(ring_height > 0)
        height = np.int64((differences.shape[1] - N_SPARE) // width)
        direction, links = leg(x, y, to_x, to_y, width, height, is_torus)
        while links > 0:
            row = np.int64(base) + direction
            # Beginning of the run.
            differences[row, y * width + x] += n
            # Around the edge: the running sum begins again at the other side.
            edge = edge_of(x, y, direction, links, width, height)
            if edge >= 0:
                differences[row, edge] += n
            x, y = end_of(x, y, direction, links, width, height)
            # End of the run: the sum falls back.
            differences[row, y * width + x] -= n
            direction, links = leg(x, y, to_x, to_y, width, height, is_torus)

    return mark


def known_routings() -> list[str]:
    """Return the names of the orders of the package, sorted."""
    return list(named_files(ORDERS))


@cache
def load_routing(name_or_path: str = DEFAULT_ROUTING) -> RoutingOrder:
    """Return an order of the package by its name, or the one that a Python file ends with.

    The file is a program and is executed. Raises UsageError for a name that does not exist and for a
    file without an ``order``, InputFileError for a file that cannot be read.
    """
    files = named_files(ORDERS)
    if name_or_path in files:
        module = import_module(f"distsnn.kernels.mesh.orders.{files[name_or_path]}")
    elif name_or_path.endswith(".py"):
        module = import_file(Path(name_or_path), "distsnn_routing", "routing file")
    else:
        limit = f"one of {', '.join(files)} or the path of a .py file"
        raise UsageError(must_be("routing", limit, name_or_path, "Choose one of them."))
    order = vars(module).get("order")
    if not isinstance(order, RoutingOrder):
        remedy = "End the file with order = routing_order(leg)."
        thing = f"routing file {name_or_path}: order"
        raise UsageError(must_be(thing, "a RoutingOrder", order, remedy))
    return order


_routed: dict[tuple[str, str, RoutingOrder], Kernel] = {}


def routed(kernel: Kernel, order: RoutingOrder) -> Kernel:
    """Return a kernel of the package, which is written with the default order, with another one.

    The three functions of the order take the place of those of the default, however deep in it.
    """
    default = load_routing()
    if order == default:
        return kernel
    # One compiled variant per kernel and order.
    key = (kernel.module, kernel.name, order)
    if key not in _routed:
        changes = {
            default.leg: order.leg, default.hops: order.hops, default.mark: order.mark,
        }  # fmt: skip
        _routed[key] = substituted(kernel, changes)
    return _routed[key]
