"""What one spike does: synaptic current or conductance, and the postsynaptic potential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run, plain, trace
from distsnn.gallery.style import BLUE, GREEN, PURPLE, RED, SMALL, finish, head
from distsnn.network import Network, OneToOne
from distsnn.neurons import LifAlpha, LifCondAlpha, LifCondExp, LifExp
from distsnn.simulation import Result
from distsnn.stimuli import SpikeSource

TITLE = "One spike: synaptic current or conductance, and postsynaptic potential"
DT_MS = 0.1
DURATION_MS = 80.0
SPIKE_MS, DELAY_MS = 5.0, 1.0
TAU_SYN_MS, TAU_M_MS, C_M_PF, REST_MV = 5.0, 20.0, 250.0, -70.0
PEAK_PA, PEAK_NS = 50.0, 1.0
COMMON = {
    "c_m_pf": C_M_PF, "e_l_mv": REST_MV, "v_threshold_mv": 0.0, "v_reset_mv": REST_MV,
    "tau_syn_e_ms": TAU_SYN_MS, "tau_syn_i_ms": TAU_SYN_MS,
}  # fmt: skip
REVERSALS = {"g_l_ns": C_M_PF / TAU_M_MS, "e_e_mv": 0.0, "e_i_mv": -80.0}
CELLS = {
    "exponential current": (LifExp(tau_m_ms=TAU_M_MS, **COMMON), PEAK_PA),
    "alpha current": (LifAlpha(tau_m_ms=TAU_M_MS, **COMMON), PEAK_PA),
    "exponential conductance": (LifCondExp(**COMMON, **REVERSALS), PEAK_NS),
    "alpha conductance": (LifCondAlpha(**COMMON, **REVERSALS), PEAK_NS),
}
COLORS = (BLUE, GREEN, RED, PURPLE)


def runs() -> list[Run]:
    """Return the run: each kind of synapse once excitatory and once inhibitory."""
    network = Network(dt_ms=DT_MS, name="synapses")
    source = network.population("source", 1, SpikeSource([SPIKE_MS], [0]))
    for name, (model, peak) in CELLS.items():
        input_name = "i" if isinstance(model, LifExp | LifAlpha) else "g"
        for sign, receptor in ((1.0, "e"), (-1.0, "i")):
            cell = network.population(plain(f"{name} {receptor}"), 1, model)
            network.connect(source, cell, OneToOne(), weight=sign * peak, delay_ms=DELAY_MS)
            network.record(cell, "v")
            network.record(cell, f"{input_name}_{receptor}")
    return [Run(network, DURATION_MS)]


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return since_ms, the time since the spike arrived, and for each cell its input and psp_mv;
    for those with currents also closed_mv.
    """
    cells: dict[str, dict[str, np.ndarray]] = {}
    time_ms = np.empty(0)
    for (population, variable), _ in results[0].traces.items():
        time_ms, values = trace(results[0], population, variable)
        key = "psp_mv" if variable == "v" else "input"
        shift = REST_MV if variable == "v" else 0.0
        cells.setdefault(population, {})[key] = values[:, 0] - shift
    since = time_ms - (SPIKE_MS + DELAY_MS)
    for sign, receptor in ((1.0, "e"), (-1.0, "i")):
        cells[f"exponential-current-{receptor}"]["closed_mv"] = sign * exponential_psp(since)
        cells[f"alpha-current-{receptor}"]["closed_mv"] = sign * alpha_psp(since)
    return {"since_ms": since, "cells": cells}


def exponential_psp(since_ms: np.ndarray) -> np.ndarray:
    """Return v - rest after a current PEAK_PA exp(-t / tau_syn), in mV."""
    t = np.maximum(since_ms, 0.0)
    rate = 1.0 / TAU_SYN_MS - 1.0 / TAU_M_MS
    return PEAK_PA / C_M_PF / rate * (np.exp(-t / TAU_M_MS) - np.exp(-t / TAU_SYN_MS))


def alpha_psp(since_ms: np.ndarray) -> np.ndarray:
    """Return v - rest after a current PEAK_PA e (t / tau_syn) exp(-t / tau_syn), in mV."""
    t = np.maximum(since_ms, 0.0)
    rate = 1.0 / TAU_SYN_MS - 1.0 / TAU_M_MS
    fast, slow = np.exp(-t / TAU_SYN_MS), np.exp(-t / TAU_M_MS)
    return PEAK_PA * np.e / (TAU_SYN_MS * C_M_PF) * ((slow - fast) / rate - t * fast) / rate


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw inputs above, potentials below; currents on the left, conductances on the right."""
    figure.set_size_inches(8.6, 5.4)
    head(figure, TITLE)
    panels = figure.subplots(2, 2, sharex=True)
    since = measured["since_ms"]
    for (name, (model, _)), color in zip(CELLS.items(), COLORS, strict=True):
        column = 0 if isinstance(model, LifExp | LifAlpha) else 1
        for receptor, style in (("e", "-"), ("i", "--")):
            cell = measured["cells"][plain(f"{name} {receptor}")]
            label = f"{name.split()[0]}, {'excitatory' if receptor == 'e' else 'inhibitory'}"
            kind = {"color": color, "ls": style, "lw": 1.4, "label": label}
            panels[0, column].plot(since, cell["input"], **kind)
            panels[1, column].plot(since, cell["psp_mv"], **kind)
            if "closed_mv" in cell:
                marks = {"color": color, "ms": 2.6, "mfc": "white", "mew": 0.7}
                panels[1, column].plot(since[::25], cell["closed_mv"][::25], "o", **marks)
    (points,) = panels[1, 0].plot(
        [], [], "o", color="black", ms=3, mfc="white", mew=0.7, label="points: closed form"
    )
    for axes in panels.ravel():
        axes.set_xlim(-5.0, DURATION_MS - 10.0)
        axes.axhline(0.0, color="0.8", lw=0.6, zorder=0)
    panels[0, 0].legend(fontsize=SMALL, frameon=False, loc="upper right")
    panels[0, 1].legend(fontsize=SMALL, frameon=False, loc="upper right")
    panels[1, 0].legend(fontsize=SMALL, frameon=False, handles=[points])
    finish(panels[0, 0], y="current (pA)", title="synapses as currents")
    finish(panels[0, 1], y="conductance (nS)", title="synapses as conductances")
    finish(panels[1, 0], "time since the spike arrived (ms)", "v - rest (mV)")
    finish(panels[1, 1], "time since the spike arrived (ms)", "v - rest (mV)")
