"""Draws scaling: gain over ranks, and where the time of a step goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PHASES = {
    "update": "#4c78a8",
    "deliver": "#f58518",
    "send": "#b79a20",
    "exchange": "#54a24b",
    "wait": "#bab0ac",
}


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw one row of panels for each network and write the picture."""
    from matplotlib.figure import Figure

    networks = list(dict.fromkeys(row["network"] for row in rows))
    figure = Figure(figsize=(11, 3.1 * len(networks) + 0.3), layout="constrained")
    panels = figure.subplots(len(networks), 3, squeeze=False)
    for line, network in zip(panels, networks, strict=True):
        of_network = [row for row in rows if row["network"] == network]
        strong, weak = ([r for r in of_network if r["mode"] == m] for m in ("strong", "weak"))
        _gain(line[0], network, strong, weak)
        _split(line[1], f"{network}, strong", strong)
        _split(line[2], f"{network}, weak", weak)
    handles, labels = next(
        (found for line in panels for axes in line[1:]
         if (found := axes.get_legend_handles_labels())[1]),
        ([], []),
    )  # fmt: skip
    figure.legend(handles, labels, loc="outside lower center", ncols=len(PHASES), frameon=False)
    figure.savefig(path, dpi=140)


def _gain(
    axes: Any, network: str, strong: list[dict[str, Any]], weak: list[dict[str, Any]]
) -> None:
    """Speed-up of strong scaling, and of weak scaling as ranks times efficiency."""
    ranks = sorted({row["n_ranks"] for row in (*strong, *weak)})
    axes.plot(ranks, ranks, color="0.7", linewidth=1, label="ideal")
    for rows, name, marker in ((strong, "strong", "o"), (weak, "weak, ranks x efficiency", "s")):
        if rows:
            at = [row["n_ranks"] for row in rows]
            factor = [n if name != "strong" else 1 for n in at]
            height = [row["gain"] * f for row, f in zip(rows, factor, strict=True)]
            axes.plot(at, height, marker=marker, label=name, clip_on=False)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(ranks, [str(n) for n in ranks])
    axes.set_yticks(ranks, [str(n) for n in ranks])
    axes.minorticks_off()
    axes.set_xlabel("ranks")
    axes.set_ylabel("speed-up")
    axes.set_title(network, fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _split(axes: Any, title: str, rows: list[dict[str, Any]]) -> None:
    """Stacked time per step, mean over the ranks, with the imbalance above."""
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    bottom = [0.0] * len(rows)
    places = list(range(len(rows)))
    for phase, colour in PHASES.items():
        heights = [row[f"{phase}_us"] * 1e-3 for row in rows]
        axes.bar(places, heights, bottom=bottom, color=colour, label=phase, width=0.65)
        bottom = [b + h for b, h in zip(bottom, heights, strict=True)]
    for place, height, row in zip(places, bottom, rows, strict=True):
        axes.annotate(
            f"max/mean {row['imbalance']:.2f}", (place, height), (0, 2),
            textcoords="offset points", ha="center", fontsize=7, color="0.3",
        )  # fmt: skip
    axes.set_xticks(places, [str(row["n_ranks"]) for row in rows])
    axes.set_xlabel("ranks")
    axes.set_ylabel("ms per step")
    axes.set_ylim(0.0, 1.15 * max(bottom, default=1.0))
