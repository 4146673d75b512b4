"""A picture of a sweep: quantities against the firing rate, measured and in closed form."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from distsnn.outputs import save_figure
from distsnn.traffic.sweep import SweepPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Quantity = Callable[[SweepPoint], float | None]
Curve = tuple[str, Quantity]

COLORS = ("#20639b", "#d9542f", "#3a8f6b", "#7a4fa3", "#8a8f98")


def _energy(part: str) -> Quantity:
    return lambda point: point.energy_j_per_s.get(part)


def _step_us(point: SweepPoint) -> float | None:
    return None if point.chip_step_s is None else point.chip_step_s * 1e6


def _share_percent(point: SweepPoint) -> float | None:
    return None if point.busiest_link_share is None else point.busiest_link_share * 100


# Each panel: title, label with unit, and its curves (name, quantity).
PANELS: tuple[tuple[str, str, tuple[Curve, ...]], ...] = (
    (
        "packets and hops",
        "per second of model time",
        (
            ("packets", lambda point: point.packets_per_s),
            ("hops between cores", lambda point: point.hops_per_s),
            ("hops between tiles", lambda point: point.tile_hops_per_s),
            ("busiest link", lambda point: point.busiest_link_packets_per_s),
        ),
    ),
    ("busiest link", "share of its rate (%)", (("busiest link", _share_percent),)),
    (
        "energy",
        "J per second of model time",
        (
            ("total", _energy("total")),
            ("synaptic events", _energy("synaptic_events")),
            ("neuron updates", _energy("neuron_updates")),
            ("hops", _energy("hops")),
            ("static", _energy("static")),
        ),
    ),
    ("time of a step on the chip (predicted)", "µs per step", (("step", _step_us),)),
)


def draw_sweep(
    measured: Sequence[SweepPoint],
    expected: Sequence[SweepPoint],
    path: str | os.PathLike[str],
    *,
    title: str = "",
    dt_ms: float | None = None,
) -> None:
    """Draw measured points and the closed form against the firing rate, both axes logarithmic.

    dt_ms: marks real time in the panel of the step time.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(10.5, 7.6), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True)
    for axes, (name, label, curves) in zip(grid.flat, PANELS, strict=True):
        _draw_panel(axes, measured, expected, curves)
        axes.set_title(name, loc="left", fontsize=10)
        axes.set_ylabel(label)
    if dt_ms is not None:
        _mark_real_time(grid.flat[-1], dt_ms)
    for axes in grid[-1]:
        axes.set_xlabel("firing rate (Hz)")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:g}"))
    keys = [Line2D([], [], color="0.3", label="closed form")]
    if measured:
        keys.append(Line2D([], [], color="0.3", ls="", marker="o", ms=5, label="measured"))
    figure.legend(handles=keys, loc="outside upper right", ncols=2, frameon=False)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    save_figure(figure, path, dpi=150)


def _draw_panel(
    axes: Axes,
    measured: Sequence[SweepPoint],
    expected: Sequence[SweepPoint],
    curves: tuple[Curve, ...],
) -> None:
    is_empty = True
    drawn: list[list[tuple[float, float]]] = []
    for color, (name, quantity) in zip(COLORS, curves, strict=False):
        # Closed form as a line, measured runs as points, in the same color.
        line, dots = _known(expected, quantity), _known(measured, quantity)
        if (line or dots) in drawn:  # hops between cores are those between tiles of one core each
            continue
        drawn.append(line or dots)
        is_empty = is_empty and not line and not dots
        if line:
            style = "--" if name == "static" else "-"
            axes.plot(*zip(*line, strict=True), style, color=color, lw=1.4, label=name)
        if dots:
            label = None if line else name
            axes.plot(*zip(*dots, strict=True), "o", color=color, ms=4.5, mec="w", label=label)
    if is_empty:
        axes.text(0.5, 0.5, "not published for this chip", transform=axes.transAxes, ha="center")
        axes.set_yticks([])
    else:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid(True, which="major", color="0.9", lw=0.7)
    if len(curves) > 1 and not is_empty:
        axes.legend(frameon=False, fontsize=8.5)
    axes.spines[["top", "right"]].set_visible(False)


def _known(points: Sequence[SweepPoint], quantity: Quantity) -> list[tuple[float, float]]:
    """Return (rate, value) if the value is known and has a logarithm."""
    pairs = [(point.rate_hz, quantity(point)) for point in points]
    return [(rate, value) for rate, value in pairs if value is not None and value > 0 < rate]


def _mark_real_time(axes: Axes, dt_ms: float) -> None:
    axes.axhline(dt_ms * 1e3, color="0.4", lw=1, ls="--")
    axes.text(
        0.99, dt_ms * 1e3, f"real time (step of {dt_ms:g} ms)",
        transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=8.5, color="0.3",
    )  # fmt: skip
    # Room for the label above the line of real time.
    low, high = axes.get_ylim()
    axes.set_ylim(low, max(high, dt_ms * 2.2e3))
