"""The list of pictures, and the way each is made: simulate, measure, draw."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.errors import UsageError
from distsnn.gallery.run import Run
from distsnn.outputs import save_figure
from distsnn.simulation import Result, simulate

NAMES = (
    "lif-trace",
    "f-i-curve",
    "izhikevich-types",
    "izhikevich-properties",
    "adex-patterns",
    "synapses",
    "short-term",
    "brunel-states",
    "stdp-window",
    "triplet-frequency",
    "weights-over-time",
)
FORMATS = ("png", "pdf", "svg")
DOTS_PER_INCH = 110


def module_of(name: str) -> ModuleType:
    """Return the module of a picture. Raises UsageError for an unknown name."""
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, 1)
        hint = f"Did you mean {near[0]}?" if near else "Choose one of these."
        raise UsageError(must_be("picture", f"one of {', '.join(NAMES)}", name, hint))
    return import_module(f"distsnn.gallery.{name.replace('-', '_')}")


def play(runs: Sequence[Run], comm: Comm) -> list[Result]:
    """Simulate; results are whole on rank 0. Collective."""
    return [simulate(run.network, duration_ms=run.duration_ms, comm=comm) for run in runs]


def make_picture(name: str, path: Path, comm: Comm) -> dict[str, Any]:
    """Simulate and draw a picture; return the measured quantities on rank 0. Collective.

    path: ends in .png, .pdf or .svg. Other ranks return {}.
    """
    picture = module_of(name)
    results = play(picture.runs(), comm)
    measured: dict[str, Any] = {}
    error = None
    if comm.rank == 0:
        try:
            measured = picture.measure(results)
            _draw(picture, measured, path)
        except Exception as caught:
            error = caught
    comm.agree(error)
    return measured


def _draw(picture: ModuleType, measured: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    picture.draw(measured, figure)
    save_figure(figure, path, dpi=DOTS_PER_INCH)
