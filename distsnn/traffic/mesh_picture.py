"""A picture of a mesh: the load of every directed link, two lanes between neighbours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.mesh import DIRECTION_NAMES, Mesh
from distsnn.mesh.geometry import X_STEP, Y_STEP
from distsnn.outputs import save_figure
from distsnn.traffic.account import MeshTraffic
from distsnn.traffic.links import busiest_link_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Half the side of a core, and how far a lane is from the line between two cores, where a neighbour
# is 1 away; on large meshes the lanes get more of the room.
NODE_AND_LANE = (0.25, 0.115)
NODE_AND_LANE_LARGE = (0.14, 0.22)
MAX_FRAMED = 1024
IDLE_COLOR = "#e4e4e4"
NODE_COLOR = "#f4f4f2"
TILE_COLOR = "#8a8f98"
BUSY_COLOR = "#1f4e9c"
MAX_LABELLED = 256  # more nodes than this get no numbers


def draw_mesh(
    traffic: MeshTraffic,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    on_tiles: bool = False,
) -> None:
    """Draw the load of every directed link into a picture file (.png, .pdf, .svg).

    on_tiles: the mesh of tiles instead of the mesh of cores. Traffic keeps to the right, so the
    lane above a row of cores goes west and the lane below it east. Raises OutputFileError for a
    file that cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    tiles = traffic.tiling.tiles
    mesh = tiles if on_tiles else traffic.mesh
    loads = traffic.tile_loads if on_tiles else traffic.loads
    figure = Figure(figsize=_size(mesh), layout="constrained")
    axes = figure.subplots()
    if not on_tiles and traffic.chip.is_tiled:
        _draw_tiles(axes, traffic)
    lanes = _draw_lanes(axes, mesh, loads)
    _draw_nodes(axes, mesh)
    _mark_busiest(axes, mesh, loads)
    nodes = "tiles" if on_tiles else "cores"
    bar = figure.colorbar(lanes, ax=axes, shrink=0.85, pad=0.02, aspect=28)
    bar.set_label("packets per directed link")
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    bar.ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    figure.suptitle(title or _title(traffic, mesh, loads, nodes), x=0.012, ha="left", fontsize=10)
    axes.set_xlabel(f"x ({nodes})")
    axes.set_ylabel(f"y ({nodes})")
    save_figure(figure, path, dpi=150)


def lane_segments(mesh: Mesh, loads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lanes [n_links, 2 ends, 2 coordinates] and their loads [n_links], idle ones first.

    A link around the edge of a torus is a lane that leaves the picture on one side.
    """
    segments, values = [], []
    half, lane = _node_and_lane(mesh)
    for direction in range(len(DIRECTION_NAMES)):
        step = np.array((X_STEP[direction], Y_STEP[direction]), dtype=np.float64)
        # Unit vector to the right of the direction of travel; y grows downwards.
        right = np.array((-step[1], step[0])) * lane
        for node in range(mesh.n_nodes):
            end = mesh.neighbour(node, direction)
            if end < 0:
                continue
            at = np.array(mesh.xy(node), dtype=np.float64) + right
            # A link around the edge ends outside the picture, not at its neighbour.
            is_around = mesh.xy(end) != tuple(np.add(mesh.xy(node), step).astype(int))
            reach = 0.7 if is_around else 1 - half
            segments.append((at + step * half, at + step * reach))
            values.append(loads[direction, node])
    shape = (len(segments), 2, 2)
    # Busy lanes are drawn last, on top of idle ones.
    order = np.argsort(np.array(values, dtype=np.float64), kind="stable")
    return np.array(segments).reshape(shape)[order], np.array(values, dtype=np.float64)[order]


def _draw_lanes(axes: Axes, mesh: Mesh, loads: np.ndarray) -> Any:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap

    segments, values = lane_segments(mesh, loads)
    most = max(1.0, float(loads.max()))
    point = _points_per_core(mesh)
    # Width of the busiest lane in points; others in proportion to their load.
    widest = 1.55 * _node_and_lane(mesh)[1] * point
    # Idle lanes thin and grey, below; busy ones by load in width and color.
    idle = values == 0
    axes.add_collection(
        LineCollection(list(segments[idle]), colors=IDLE_COLOR, linewidths=0.12 * widest, zorder=1)
    )
    colors = LinearSegmentedColormap.from_list(
        "load", ["#f6d28b", "#f0a04b", "#d9542f", "#a11d3f", "#4b0c3d"]
    )
    lanes = LineCollection(
        list(segments[~idle]),
        array=values[~idle],
        cmap=colors,
        linewidths=widest * (0.2 + 0.8 * values[~idle] / most),
        zorder=2,
        capstyle="butt",
    )
    lanes.set_clim(0, most)
    axes.add_collection(lanes)
    return lanes


def _draw_nodes(axes: Axes, mesh: Mesh) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    half, _ = _node_and_lane(mesh)
    boxes = [
        Rectangle((x - half, y - half), 2 * half, 2 * half)
        for x, y in map(mesh.xy, range(mesh.n_nodes))
    ]
    edge = "#555555" if mesh.n_nodes <= MAX_FRAMED else "none"
    axes.add_collection(
        PatchCollection(boxes, facecolor=NODE_COLOR, edgecolor=edge, linewidth=0.5, zorder=3)
    )
    if mesh.n_nodes <= MAX_LABELLED:
        # Font size relative to the distance of neighbours on paper.
        size = min(8.0, 0.26 * _points_per_core(mesh))
        for node in range(mesh.n_nodes):
            x, y = mesh.xy(node)
            axes.text(x, y, str(node), ha="center", va="center", fontsize=size, zorder=4)
    axes.set_aspect("equal")
    margin = 0.85 if mesh.wrap else 0.65
    axes.set_xlim(-margin, mesh.width - 1 + margin)
    # Row 0 is at the top.
    axes.set_ylim(mesh.height - 1 + margin, -margin)
    for axis, length in ((axes.xaxis, mesh.width), (axes.yaxis, mesh.height)):
        axis.set_ticks(range(0, length, max(1, length // 16)))
        axis.set_tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_tiles(axes: Axes, traffic: MeshTraffic) -> None:
    from matplotlib.patches import FancyBboxPatch

    chip = traffic.chip
    inset = 0.08
    for top in range(0, chip.height, chip.tile_height):
        for left in range(0, chip.width, chip.tile_width):
            axes.add_patch(
                FancyBboxPatch(
                    (left - 0.5 + inset, top - 0.5 + inset),
                    chip.tile_width - 2 * inset,
                    chip.tile_height - 2 * inset,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor="#f7f8fb",
                    edgecolor=TILE_COLOR,
                    linewidth=0.9,
                    linestyle=(0, (3, 2)),
                    zorder=0,
                )
            )


def _mark_busiest(axes: Axes, mesh: Mesh, loads: np.ndarray) -> None:
    """Frame the two cores at the ends of the busiest link."""
    from matplotlib.patches import Rectangle

    link = busiest_link_of(mesh, loads)
    if link is None:
        return
    half, _ = _node_and_lane(mesh)
    for x, y in (link.start, link.end):
        axes.add_patch(
            Rectangle(
                (x - half, y - half), 2 * half, 2 * half,
                fill=False, edgecolor=BUSY_COLOR, linewidth=1.8, zorder=5,
            )
        )  # fmt: skip


def _title(traffic: MeshTraffic, mesh: Mesh, loads: np.ndarray, nodes: str) -> str:
    packets, hops, n_steps = traffic.packets, int(loads.sum()), traffic.counters.n_steps
    plural = "s" * (n_steps != 1)
    lines = [
        f"{traffic.chip.title}: {mesh.width} x {mesh.height} {nodes}",
        f"{packets:,} packets in {n_steps:,} step{plural}, "
        f"{hops / packets if packets else 0.0:.2f} hops each. Lanes keep right.",
    ]
    link = busiest_link_of(mesh, loads)
    if link is not None:
        lines.append(f"Busiest link (framed): {link.start} to {link.end}, {link.packets:,} packets")
        share = traffic.share_of_link(link.packets)
        if share is not None:
            lines[-1] += f", {100 * share:.3g} % of its rate"
    return "\n".join(lines)


def _node_and_lane(mesh: Mesh) -> tuple[float, float]:
    return NODE_AND_LANE if mesh.n_nodes <= MAX_FRAMED else NODE_AND_LANE_LARGE


def _points_per_core(mesh: Mesh) -> float:
    """Return how many points on paper neighbouring cores are apart."""
    width, height = _size(mesh)
    return 72 * min((width - 2.0) / (mesh.width + 0.5), (height - 1.6) / (mesh.height + 0.5))


def _size(mesh: Mesh) -> tuple[float, float]:
    """Return the size of the figure in inches."""
    # Inches per core: at most 0.72, less so that large meshes fit on 9.5 inches.
    per_core = min(0.72, 9.5 / mesh.width, 9.5 / mesh.height)
    return max(7.0, per_core * mesh.width + 2.0), max(3.4, per_core * mesh.height + 1.6)
