"""Competition: additive STDP divides 1,000 synapses onto one neuron into strong and weak ones.

All start at the largest weight. Spikes that the inputs do not cause weaken them, since A_- > A_+ (the
target fires less), until only coincidences of inputs make it fire, for which the inputs compete.

Source: Song, Miller & Abbott 2000, Nat Neurosci 3:919, fig. 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.run import Run
from distsnn.gallery.style import BLUE, GREY, PALE, RED, SMALL, finish, head
from distsnn.network import AllToAll, Network
from distsnn.neurons import LifCondExp, PoissonNeuron
from distsnn.plasticity import PairStdp
from distsnn.simulation import Result

TITLE = "Competition under additive STDP: 1,000 Poisson inputs of 15 Hz onto one neuron"
DT_MS = 0.5
DURATION_MS = 200_000.0
EVERY_MS = 1000.0
N_INPUTS, INPUT_HZ = 1000, 15.0
W_MAX_NS = 0.2  # 0.01 of the leak
TARGET = LifCondExp(
    c_m_pf=200.0, g_l_ns=20.0, e_l_mv=-74.0, v_threshold_mv=-54.0, v_reset_mv=-60.0, t_ref_ms=0.0,
    e_e_mv=0.0, e_i_mv=-80.0, tau_syn_e_ms=5.0, tau_syn_i_ms=5.0,
)  # fmt: skip
RULE = PairStdp(W_MAX_NS, 0.0, a_plus=0.01, a_minus=0.0105)
N_SHOWN = 30


def runs(duration_ms: float = DURATION_MS) -> list[Run]:
    """Return the run; weights are recorded every second."""
    network = Network(dt_ms=DT_MS, name="weights-over-time")
    source = network.population("inputs", N_INPUTS, PoissonNeuron(INPUT_HZ))
    target = network.population("target", 1, TARGET)
    learned = network.connect(
        source, target, AllToAll(), weight=W_MAX_NS, delay_ms=DT_MS, plasticity=RULE
    )
    network.record_spikes("inputs", False)
    network.record_weights(learned, every_ms=EVERY_MS)
    return [Run(network, duration_ms)]


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return times_s [n], weights [n, synapses] in shares of w_max, rate_hz of the target in each
    interval [n - 1], and which shares of the weights ended below 0.1 and above 0.9.
    """
    result = results[0]
    table = result.weights(result.network.projections[0])
    spikes_ms, _ = result.spikes("target")
    counts, _ = np.histogram(spikes_ms - 0.5 * DT_MS, table.times_ms)
    weights = table.weights / W_MAX_NS
    return {
        "times_s": table.times_ms * 1e-3,
        "weights": weights,
        "rate_hz": counts / (np.diff(table.times_ms) * 1e-3),
        "share_weak": float((weights[-1] < 0.1).mean()),
        "share_strong": float((weights[-1] > 0.9).mean()),
    }


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw some weights and the target's rate over time, and all weights early and at the end."""
    figure.set_size_inches(9.6, 4.6)
    head(figure, TITLE)
    grid = figure.add_gridspec(2, 2, width_ratios=(2.2, 1), height_ratios=(2.2, 1))
    course, rate = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    ends = figure.add_subplot(grid[:, 1])
    times, weights = measured["times_s"], measured["weights"]
    chosen = weights[:, :: weights.shape[1] // N_SHOWN]
    for weight in chosen.T:
        course.plot(
            times[::2], weight[::2], lw=0.6, color=BLUE if weight[-1] > 0.5 else RED, alpha=0.8
        )
    course.set_ylim(0.0, 1.0)
    finish(
        course,
        y="weight / largest",
        title=f"{N_SHOWN} of the synapses, coloured by their final weight",
    )
    rate.stairs(measured["rate_hz"], times, baseline=None, color=GREY, lw=1.1)
    rate.set_ylim(bottom=0.0)
    finish(rate, "time (s)", "target (spikes/s)")
    for axes in (course, rate):
        axes.set_xlim(times[0], times[-1])
    bins = np.linspace(0.0, 1.0, 21)
    early = weights.shape[0] // 4
    for sample, color in ((early, PALE), (-1, BLUE)):
        label = f"after {times[sample]:.0f} s"
        filled = "stepfilled" if sample == early else "step"
        ends.hist(weights[sample], bins, color=color, histtype=filled, lw=1.5, label=label)
    ends.legend(fontsize=SMALL, frameon=False, loc="upper center")
    finish(ends, "weight / largest", "synapses")
