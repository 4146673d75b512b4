"""Draws the comparison with other simulators: real-time factors, and memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLOURS = {"distsnn": "#4c78a8", "nest": "#f58518", "brian2": "#54a24b"}
NAMES = {"distsnn": "distsnn", "nest": "NEST", "brian2": "Brian2"}
WIDTH = 0.27


def draw(bars: list[dict[str, Any]], path: Path) -> None:
    """Draw a group of bars for each network and write the picture.

    bars: case, simulator, factor and its range (low, high), memory_gb, each.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.9), layout="constrained")
    times, memory = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
    cases = list(dict.fromkeys(bar["case"] for bar in bars))
    for bar in bars:
        of_case = [other["simulator"] for other in bars if other["case"] == bar["case"]]
        shift = of_case.index(bar["simulator"]) - (len(of_case) - 1) / 2
        at = cases.index(bar["case"]) + WIDTH * shift
        colour, (low, high) = COLOURS[bar["simulator"]], bar["range"]
        spread = [[bar["factor"] - low], [high - bar["factor"]]]
        times.bar(at, bar["factor"], WIDTH * 0.92, color=colour, yerr=spread, ecolor="0.3")
        times.text(at, high * 1.12, f"{bar['factor']:.3g}", ha="center", fontsize=7)
        memory.bar(at, bar["memory_gb"], WIDTH * 0.92, color=colour)
        memory.text(at, bar["memory_gb"] * 1.08, f"{bar['memory_gb']:.2g}", ha="center", fontsize=7)
    for axes, label in ((times, "seconds per second of the model"), (memory, "memory, GB")):
        axes.set_yscale("log")
        axes.set_ylabel(label)
        axes.set_xticks(range(len(cases)), [case.replace("-", "\n") for case in cases], fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(y=0.12)
    times.axhline(1.0, color="0.6", linewidth=0.8, linestyle=":")
    present = dict.fromkeys(bar["simulator"] for bar in bars)
    handles = [times.bar(0, 0, color=COLOURS[name], label=NAMES[name]) for name in present]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    figure.savefig(path, dpi=150)
