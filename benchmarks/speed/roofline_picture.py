"""Draws the roofline: events per second over events per byte, and where delivery is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2")


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw a roof and a point for each number of cores at work."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    intensity = np.geomspace(0.01, 4.0, 200)  # synaptic events per byte from memory
    for row, colour in zip(rows, COLOURS, strict=False):
        roof = np.minimum(intensity * row["memory_bytes_per_s"], row["adds_per_s"]) / 1e6
        at = 1.0 / row["bytes_per_event"]
        limit = min(at * row["memory_bytes_per_s"], row["adds_per_s"]) / 1e6
        here = row["events_per_s"] / 1e6
        cores = "1 core at work" if row["n_cores"] == 1 else f"{row['n_cores']} cores at work"
        axes.plot(intensity, roof, color=colour, label=f"limit, {cores}")
        axes.plot([at], [here], "o", color=colour, label=f"delivery: {here / limit:.0%} of it")
        runs = row["runs_added_per_s"] / 1e6
        axes.plot([at], [runs], "_", color=colour, markersize=16, label="rows in random order")
        axes.plot([at, at], [here, limit], ":", color=colour, linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("synaptic events per byte of synapses read from memory")
    axes.set_ylabel("million synaptic events\nper second and core")
    axes.text(0.012, 0.04, "memory limits", transform=axes.transAxes, fontsize=8, color="0.4")
    axes.text(0.99, 0.04, "adds limit", transform=axes.transAxes, fontsize=8, color="0.4",
              ha="right")  # fmt: skip
    axes.set_xticks([0.01, 0.1, 0.25, 1.0, 4.0], ["0.01", "0.1", "1/4", "1", "4"])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_ylim(20, 6000)
    axes.set_yticks([30, 100, 300, 1000, 3000], ["30", "100", "300", "1000", "3000"])
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
