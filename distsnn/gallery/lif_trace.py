"""One leaky integrate-and-fire neuron: a current below threshold, then one above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run, trace
from distsnn.gallery.style import BLUE, GREY, RED, SMALL, finish, head
from distsnn.network import Network
from distsnn.neurons import LifExp
from distsnn.simulation import Result
from distsnn.stimuli import Current

TITLE = "Leaky integrate-and-fire neuron"
MODEL = LifExp(tau_m_ms=20.0, c_m_pf=250.0, t_ref_ms=5.0)
DT_MS = 0.1
CURRENT = ((0.0, 0.0), (20.0, 150.0), (120.0, 0.0), (180.0, 240.0), (360.0, 0.0))
DURATION_MS = 440.0
PEAK_MV = -20.0  # to which spikes are drawn


def runs() -> list[Run]:
    """Return the run: one neuron, v in every step."""
    network = Network(dt_ms=DT_MS, name="lif-trace")
    cell = network.population("cell", 1, MODEL)
    network.stimulate(cell, Current(steps=CURRENT))
    network.record(cell, "v")
    return [Run(network, DURATION_MS)]


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return time_ms, v_mv, current_pa, spikes_ms; by the closed form: v_closed_mv until the first
    spike, NaN after it, that spike's time first_spike_ms and the interval_ms between spikes.
    """
    time_ms, v = trace(results[0], "cell", "v")
    starts = [start for start, _ in CURRENT]
    levels = np.array([level for _, level in CURRENT])
    current = levels[np.searchsorted(starts, time_ms - 0.5 * DT_MS, side="right") - 1]
    closed, first_spike_ms, interval_ms = closed_form(time_ms)
    return {
        "time_ms": time_ms,
        "v_mv": v[:, 0],
        "current_pa": current,
        "spikes_ms": results[0].spikes("cell")[0],
        "v_closed_mv": closed,
        "first_spike_ms": first_spike_ms,
        "interval_ms": interval_ms,
    }


def closed_form(time_ms: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return v until the first spike, the time of that spike, the interval of those after it."""
    tau, r_m = MODEL.tau_m_ms, MODEL.tau_m_ms / MODEL.c_m_pf
    gap = MODEL.v_threshold_mv - MODEL.e_l_mv
    v, start_ms, end = np.zeros_like(time_ms), 0.0, 0.0  # v relative to rest; end: of a piece
    for k, (start_ms, level) in enumerate(CURRENT[:4]):
        since = time_ms - start_ms
        # v(t) = R I + (v(0) - R I) exp(-t / tau) in each piece of constant current.
        v = np.where(since > 0, level * r_m + (end - level * r_m) * np.exp(-since / tau), v)
        if k < 3:
            length = CURRENT[k + 1][0] - start_ms
            end = level * r_m + (end - level * r_m) * float(np.exp(-length / tau))
    drive = CURRENT[3][1] * r_m
    # Solved for the time at which v reaches the threshold, `gap` above rest.
    first_spike_ms = start_ms + tau * float(np.log((drive - end) / (drive - gap)))
    interval_ms = MODEL.t_ref_ms + tau * float(np.log(drive / (drive - gap)))
    return (
        np.where(time_ms <= first_spike_ms, MODEL.e_l_mv + v, np.nan),
        first_spike_ms,
        interval_ms,
    )


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw v with its spikes over the current."""
    figure.set_size_inches(8.0, 4.0)
    head(figure, TITLE)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    above.plot(measured["time_ms"], measured["v_mv"], color=BLUE, lw=1.4, label="distsnn")
    above.plot(
        measured["time_ms"], measured["v_closed_mv"], color=RED, lw=1.4, ls=(0, (2, 3)),
        label="closed form, until the first spike",
    )  # fmt: skip
    above.vlines(measured["spikes_ms"], MODEL.v_threshold_mv, PEAK_MV, color=BLUE, lw=1.4)
    above.axhline(MODEL.v_threshold_mv, color=GREY, lw=0.8, ls="--")
    above.text(2, MODEL.v_threshold_mv + 0.8, "threshold", fontsize=SMALL, color=GREY)
    above.text(2, MODEL.e_l_mv + 0.8, "rest", fontsize=SMALL, color=GREY)
    above.legend(loc="upper left", fontsize=SMALL, frameon=False)
    finish(above, y="membrane potential v (mV)")
    below.plot(measured["time_ms"], measured["current_pa"], color=GREY, lw=1.2)
    below.set_xlim(0.0, DURATION_MS)
    finish(below, "time (ms)", "current (pA)")
