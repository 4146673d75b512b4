"""Sixty pairs of spikes at rising frequency: triplet STDP explains the data, pair STDP does not.

Source: Pfister & Gerstner 2006, J Neurosci 26:9673, fig. 3 and table 1; data of Sjoestroem,
Turrigiano & Nelson 2001, Neuron 32:1149 (visual cortex).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.forced import forced_run
from distsnn.gallery.run import Run
from distsnn.gallery.style import BLUE, GREY, RED, SMALL, finish, head
from distsnn.plasticity import PairStdp, TripletStdp
from distsnn.simulation import Result
from distsnn.time_grid import nearest_steps

TITLE = "60 pairs of spikes at rising frequency: triplet and pair STDP"
N_PAIRS = 60
LEADS_MS = (10.0, -10.0)
FREQUENCIES_HZ = (0.1, 8.0, 10.0, 12.5, 16.0, 20.0, 25.0, 31.25, 40.0, 50.0)
SLOW_HZ, SLOW_DT_MS, DT_MS = 1.0, 10.0, 0.1
RANGE = 8.0  # so wide that no weight reaches a bound
RULES: dict[str, Any] = {
    "triplet": TripletStdp(
        1.0 + RANGE / 2, 1.0 - RANGE / 2, 0.0, 6.5e-3 / RANGE, 7.1e-3 / RANGE, 0.0, 16.8, 33.7,
        101.0, 114.0,
    ),
    "pair": PairStdp(1.0 + RANGE / 2, 1.0 - RANGE / 2, 5e-3 / RANGE, 7e-3 / RANGE, 16.8, 33.7),
}  # fmt: skip
# frequency (Hz): mean and standard error of the relative change
DATA = {
    10.0: {0.1: (-0.04, 0.05), 10.0: (0.14, 0.10), 20.0: (0.29, 0.14), 40.0: (0.53, 0.11),
           50.0: (0.56, 0.26)},
    -10.0: {0.1: (-0.29, 0.08), 10.0: (-0.41, 0.11), 20.0: (-0.34, 0.10), 40.0: (0.56, 0.32),
            50.0: (0.75, 0.19)},
}  # fmt: skip


def runs() -> list[Run]:
    """Return for each rule a run of the slow pairs, in long steps, and one of the others."""
    slow = [f for f in FREQUENCIES_HZ if f < SLOW_HZ]
    fast = [f for f in FREQUENCIES_HZ if f >= SLOW_HZ]
    return [
        _run(rule, chosen, dt_ms)
        for rule in RULES.values()
        for chosen, dt_ms in ((slow, SLOW_DT_MS), (fast, DT_MS))
    ]


def _run(rule: Any, frequencies: Sequence[float], dt_ms: float) -> Run:
    pre, post = [], []
    for frequency in frequencies:
        for lead_ms in LEADS_MS:
            steps = 200 + nearest_steps(1e3 / frequency, dt_ms) * np.arange(N_PAIRS)
            pre.append(steps)
            post.append(steps + nearest_steps(lead_ms, dt_ms))
    ends = list(range(len(pre)))
    return forced_run(pre, post, (ends, ends), [1.0] * len(pre), rule, dt_ms)


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return frequencies_hz [n] and for each rule the relative change [leads, n]."""
    tables = [result.weights(result.network.projections[1]).final - 1.0 for result in results]
    n = len(LEADS_MS)
    return {
        "frequencies_hz": np.array(FREQUENCIES_HZ),
        "change": {
            name: np.concatenate([tables[2 * k], tables[2 * k + 1]]).reshape(-1, n).T
            for k, name in enumerate(RULES)
        },
    }


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw the changes over frequency, with the data that they should explain."""
    figure.set_size_inches(8.6, 3.9)
    head(figure, TITLE)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (name, changes) in zip(panels, measured["change"].items(), strict=True):
        for lead_ms, change, color in zip(LEADS_MS, changes, (BLUE, RED), strict=True):
            label = f"post 10 ms {'after' if lead_ms > 0 else 'before'} pre"
            axes.plot(
                measured["frequencies_hz"], change, "-o", ms=3, lw=1.4, color=color, label=label
            )
            data = DATA[lead_ms]
            mean, error = np.array(list(data.values())).T
            axes.errorbar(
                list(data), mean, error, fmt="s", ms=5, color=color, mfc="white", lw=0.9, capsize=2,
                label="slices of visual cortex" if lead_ms > 0 else None,
            )  # fmt: skip
        axes.axhline(0.0, color=GREY, lw=0.6)
        finish(axes, "frequency of the pairs (Hz)", title=f"{name} rule")
    panels[0].set_ylabel("relative change of the weight", fontsize=SMALL + 1)
    panels[0].legend(fontsize=SMALL, frameon=False, loc="upper left")
