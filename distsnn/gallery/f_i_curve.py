"""How fast a leaky integrate-and-fire neuron spikes at a constant current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run
from distsnn.gallery.style import BLUE, GREY, RED, SMALL, finish, head
from distsnn.network import Network
from distsnn.neurons import LifExp
from distsnn.simulation import Result
from distsnn.stimuli import Current

TITLE = "Firing rate and current (f-I curve) of the leaky integrate-and-fire neuron"
DT_MS = 0.02
DURATION_MS = 600.0
CURRENTS_PA = tuple(float(current) for current in range(150, 1001, 25))
T_REF_MS = (0.0, 2.0, 5.0)


def model(t_ref_ms: float) -> LifExp:
    """Return the neuron."""
    return LifExp(tau_m_ms=20.0, c_m_pf=250.0, t_ref_ms=t_ref_ms)


def runs() -> list[Run]:
    """Return the runs, one for each refractory time: one neuron for each current."""
    simulated = []
    for t_ref_ms in T_REF_MS:
        network = Network(dt_ms=DT_MS, name="f-i-curve")
        for k, current_pa in enumerate(CURRENTS_PA):
            cell = network.population(f"cell-{k}", 1, model(t_ref_ms))
            network.stimulate(cell, Current(pa=current_pa))
        simulated.append(Run(network, DURATION_MS))
    return simulated


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return currents_pa [n], and by refractory time rate_hz and closed_hz [n].

    The rate is that of the mean interval between spikes, 0 if there are fewer than two.
    """
    rates = {}
    for t_ref_ms, result in zip(T_REF_MS, results, strict=True):
        trains = [result.spikes(f"cell-{k}")[0] for k in range(len(CURRENTS_PA))]
        rates[t_ref_ms] = np.array(
            [1e3 * (t.size - 1) / (t[-1] - t[0]) if t.size > 1 else 0.0 for t in trains]
        )
    currents = np.array(CURRENTS_PA)
    closed = {t_ref_ms: closed_hz(currents, t_ref_ms) for t_ref_ms in T_REF_MS}
    return {"currents_pa": currents, "rate_hz": rates, "closed_hz": closed}


def closed_hz(currents_pa: np.ndarray, t_ref_ms: float) -> np.ndarray:
    """Return 1 / (t_ref + tau log(R I / (R I - gap))), 0 if the current is too weak."""
    cell = model(t_ref_ms)
    drive = currents_pa * cell.tau_m_ms / cell.c_m_pf
    gap = cell.v_threshold_mv - cell.v_reset_mv
    is_enough = drive > gap
    rising = np.log(drive[is_enough] / (drive[is_enough] - gap))
    rate = np.zeros_like(drive)
    rate[is_enough] = 1e3 / (t_ref_ms + cell.tau_m_ms * rising)
    return rate


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw measured rates as points over the closed form."""
    figure.set_size_inches(6.4, 4.2)
    head(figure, TITLE)
    axes = figure.subplots()
    fine = np.linspace(CURRENTS_PA[0], CURRENTS_PA[-1], 1000)
    for t_ref_ms, color in zip(T_REF_MS, (GREY, BLUE, RED), strict=True):
        axes.plot(fine, closed_hz(fine, t_ref_ms), color=color, lw=1.2)
        axes.plot(
            measured["currents_pa"], measured["rate_hz"][t_ref_ms], "o", ms=4, color=color,
            label=f"refractory for {t_ref_ms:g} ms",
        )  # fmt: skip
    cell = model(0.0)
    rheobase = (cell.v_threshold_mv - cell.e_l_mv) * cell.c_m_pf / cell.tau_m_ms
    axes.text(rheobase + 12.0, 1.0, f"rheobase {rheobase:g} pA", fontsize=SMALL, color=GREY)
    axes.set_ylim(bottom=-4.0)
    axes.legend(
        loc="upper left", fontsize=SMALL, frameon=False, title="points: distsnn, lines: closed form",
        title_fontsize=SMALL, alignment="left",
    )  # fmt: skip
    finish(axes, "current (pA)", "rate (spikes/s)")
