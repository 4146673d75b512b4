"""Short-term plasticity: a facilitating and a depressing synapse under the same train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run, plain, trace
from distsnn.gallery.style import BLUE, GREY, RED, SMALL, finish, head
from distsnn.network import Network, OneToOne
from distsnn.neurons import LifExp
from distsnn.plasticity import TsodyksMarkram
from distsnn.simulation import Result
from distsnn.stimuli import SpikeSource
from distsnn.time_grid import nearest_steps

TITLE = "Short-term plasticity (Tsodyks & Markram)"
DT_MS = 0.1
PERIOD_MS, N_SPIKES, PAUSE_MS = 50.0, 9, 500.0
DURATION_MS = 1000.0
WEIGHT_PA, DELAY_MS = 100.0, 1.0
RULES = {
    "depressing (EE)": TsodyksMarkram.liquid("EE"),
    "facilitating (EI)": TsodyksMarkram.liquid("EI"),
}
TIMES_MS = (*(10.0 + PERIOD_MS * k for k in range(N_SPIKES)), 10.0 + PERIOD_MS * 8 + PAUSE_MS)


def runs() -> list[Run]:
    """Return the run: the same train onto one cell of each kind."""
    network = Network(dt_ms=DT_MS, name="short-term")
    source = network.population("source", 1, SpikeSource(TIMES_MS, [0] * len(TIMES_MS)))
    model = LifExp(
        tau_m_ms=20.0, v_threshold_mv=0.0, e_l_mv=-70.0, v_reset_mv=-70.0, tau_syn_e_ms=5.0
    )
    for name, rule in RULES.items():
        cell = network.population(plain(name), 1, model)
        network.connect(
            source, cell, OneToOne(), weight=WEIGHT_PA, delay_ms=DELAY_MS, plasticity=rule
        )
        network.record(cell, "v")
        network.record(cell, "i_e")
    return [Run(network, DURATION_MS)]


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return time_ms, and for each synapse psp_mv, efficacy (of each spike, in weights) and
    closed, the same by the recursion of the paper.
    """
    measured: dict[str, Any] = {"spikes_ms": np.array(TIMES_MS), "cells": {}}
    for name, rule in RULES.items():
        time_ms, v = trace(results[0], plain(name), "v")
        _, i_e = trace(results[0], plain(name), "i_e")
        at = nearest_steps(np.array(TIMES_MS) + DELAY_MS, DT_MS) - 1
        left = np.where(at > 0, i_e[at - 1, 0], 0.0) * np.exp(-DT_MS / 5.0)
        measured["time_ms"] = time_ms
        measured["cells"][name] = {
            "psp_mv": v[:, 0] + 70.0,
            "efficacy": (i_e[at, 0] - left) / WEIGHT_PA,
            "closed": recursion(rule),
        }
    return measured


def recursion(rule: TsodyksMarkram) -> np.ndarray:
    """Return u_n R_n for the spikes of the train."""
    u, r = rule.utilisation, 1.0
    efficacies = [u * r]
    for gap in np.diff(TIMES_MS):
        # R recovers towards 1 with tau_rec; u decays with tau_facil, then rises by U (1 - u).
        r = 1.0 + (r * (1.0 - u) - 1.0) * np.exp(-gap / rule.tau_rec_ms)
        u = rule.utilisation + u * (1.0 - rule.utilisation) * np.exp(-gap / rule.tau_facil_ms)
        efficacies.append(u * r)
    return np.array(efficacies)


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw the potentials, and below them the efficacy of each spike."""
    figure.set_size_inches(8.0, 4.6)
    head(figure, TITLE)
    above, middle, below = figure.subplots(3, 1, sharex=True, height_ratios=(2, 2, 1.6))
    for axes, color, (name, cell) in zip(
        (above, middle), (BLUE, RED), measured["cells"].items(), strict=True
    ):
        axes.plot(measured["time_ms"], cell["psp_mv"], color=color, lw=1.3)
        axes.set_ylim(bottom=0.0)
        finish(axes, y="v - rest (mV)", title=name)
        below.plot(
            measured["spikes_ms"], cell["efficacy"], "o", color=color, ms=4.5, label=name.split()[0]
        )
        below.plot(
            measured["spikes_ms"], cell["closed"], "+", color=GREY, ms=9, mew=0.8,
            label="u R of the equations" if axes is middle else None,
        )  # fmt: skip
    below.set_ylim(0.0, 0.62)
    below.legend(fontsize=SMALL, frameon=False, ncols=3, loc="upper center")
    below.set_xlim(0.0, DURATION_MS)
    finish(below, "time (ms)", "share delivered")
