"""Four states of a sparse recurrent network: synchronous or not, regular or not.

Regular: excitation prevails; with delays all alike the neurons fall into step (SR), with broad delays
they do not (AR). Irregular: inhibition prevails, at a strong drive (AI) or at a weak one (SI, slow).

Source: Brunel 2000, J Comput Neurosci 8:183, fig. 8 A, C, D and the discussion of broad delays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.gallery.run import Run
from distsnn.gallery.style import BLUE, GREY, finish, head
from distsnn.network import FixedInDegree, Network, Uniform
from distsnn.neurons.presets import PRESETS
from distsnn.simulation import Result
from distsnn.stimuli import Poisson
from distsnn.time_grid import given_steps

TITLE = "Brunel 2000: states of a sparse network of excitatory and inhibitory neurons"
MODEL = PRESETS["brunel"]
DT_MS = 0.1
DELAY_MS = 1.5
BIN_MS = 0.5
N_SHOWN = 60


@dataclass(frozen=True)
class State:
    """Inhibition g, drive eta, delays from 0 to twice the mean (is_broad) or equal, times in ms."""

    title: str
    g: float
    eta: float
    is_broad: bool
    duration_ms: float
    shown_ms: float


STATES = {
    "SR": State("synchronous regular", 3.0, 2.0, False, 260.0, 40.0),
    "AR": State("asynchronous regular", 3.0, 2.0, True, 260.0, 40.0),
    "AI": State("asynchronous irregular", 5.0, 2.0, False, 1200.0, 200.0),
    "SI": State("synchronous irregular", 4.5, 0.9, False, 2200.0, 200.0),
}
DISCARD_MS = 200.0


def runs(n_excitatory: int = 10_000) -> list[Run]:
    """Return a run for each state; 10,000 excitatory neurons are those of the paper.

    Each neuron has inputs from a tenth of the others; with fewer neurons weights are larger.
    """
    return [
        Run(network(name, state, n_excitatory), state.duration_ms) for name, state in STATES.items()
    ]


def network(name: str, state: State, n_excitatory: int) -> Network:
    """Return the network of one state."""
    c_e, c_i = n_excitatory // 10, n_excitatory // 40
    j_mv = 100.0 / c_e
    sparse = Network(dt_ms=DT_MS, name=name)
    start = {"v": Uniform(0.0, 20.0)}
    exc = sparse.population("exc", n_excitatory, MODEL, initial=start)
    inh = sparse.population("inh", n_excitatory // 4, MODEL, initial=start)
    delay = Uniform(DT_MS, 2.0 * DELAY_MS) if state.is_broad else DELAY_MS
    # The rate that alone would bring v to the threshold: nu_theta = theta / (J tau), times eta.
    rate_hz = 1e3 * state.eta * MODEL.v_threshold_mv / (j_mv * MODEL.tau_m_ms)
    for target in (exc, inh):
        sparse.stimulate(target, Poisson(rate_hz=rate_hz, weight=j_mv))
        sparse.connect(exc, target, FixedInDegree(c_e), weight=j_mv, delay_ms=delay)
        sparse.connect(inh, target, FixedInDegree(c_i), weight=-state.g * j_mv, delay_ms=delay)
    return sparse


def measure(results: Sequence[Result]) -> dict[str, dict[str, Any]]:
    """Return for each state time_ms and neuron of all excitatory spikes, rate_hz, cv_isi, bins_ms
    and activity_hz (rate of the population), and synchrony: its coefficient of variation over
    bins of 0.5 ms, less that of independent spikes.
    """
    measured = {}
    for name, result in zip(STATES, results, strict=True):
        time_ms, neuron = result.spikes("exc")
        statistics = result.statistics("exc", DISCARD_MS)
        n_bins = given_steps("bins", result.duration_ms, BIN_MS)
        edges = BIN_MS * np.arange(n_bins + 1)
        counts, _ = np.histogram(time_ms - 0.5 * DT_MS, edges)
        late = counts[edges[:-1] >= DISCARD_MS]
        # Independent spikes have var = mean; CV = sqrt(var - mean) / mean of the rest.
        surplus = max(float(late.var() - late.mean()), 0.0)
        size = result.network.find("exc").size
        measured[name] = {
            "time_ms": time_ms,
            "neuron": neuron,
            "rate_hz": statistics.rate_hz,
            "cv_isi": statistics.cv_isi,
            "bins_ms": edges,
            "activity_hz": counts / (size * BIN_MS * 1e-3),
            "synchrony": float(np.sqrt(surplus) / late.mean()),
        }
    return measured


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw for each state the spikes of some neurons over the activity of all."""
    figure.set_size_inches(10.5, 7.0)
    head(figure, TITLE)
    for part, (name, state) in zip(figure.subfigures(2, 2).ravel(), STATES.items(), strict=True):
        trains, course = part.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
        _draw_state(trains, course, name, state, measured[name])


def _draw_state(
    trains: Any, course: Any, name: str, state: State, measured: dict[str, Any]
) -> None:
    start = state.duration_ms - state.shown_ms
    shown = (measured["neuron"] < N_SHOWN) & (measured["time_ms"] > start)
    trains.plot(
        measured["time_ms"][shown] - start,
        measured["neuron"][shown],
        "|",
        color=BLUE,
        ms=3.4,
        mew=0.9,
    )
    trains.set_ylim(-1, N_SHOWN)
    delays = "delays 0.1 to 3 ms" if state.is_broad else f"delay {DELAY_MS:g} ms"
    finish(trains, y="neuron", title=f"{name}  {state.title}: g = {state.g:g}, "
           f"$\\eta$ = {state.eta:g}, {delays}")  # fmt: skip
    edges_ms = measured["bins_ms"] - start
    course.stairs(measured["activity_hz"], edges_ms, baseline=None, color=GREY, lw=0.9)
    course.set_xlim(0.0, state.shown_ms)
    course.set_ylim(bottom=0.0)
    course.text(
        1.0, 1.02, f"{measured['rate_hz']:.1f} Hz, CV of intervals {measured['cv_isi']:.2f}, "
        f"synchrony {measured['synchrony']:.2f}", transform=course.transAxes, ha="right", fontsize=8,
    )  # fmt: skip
    finish(course, "time (ms)", "rate (Hz)")
