"""Spike-timing-dependent plasticity: change by one pair, and its dependence on the weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.gallery.forced import forced_run
from distsnn.gallery.run import Run
from distsnn.gallery.style import BLUE, GREEN, GREY, RED, SMALL, finish, head
from distsnn.plasticity import PairStdp
from distsnn.simulation import Result
from distsnn.time_grid import given_steps

TITLE = "Pair STDP: the window, and its dependence on the weight"
DT_MS = 0.5
MAX_MS = 100.0
START = 0.5
A_PLUS, A_MINUS, TAU_PLUS_MS, TAU_MINUS_MS = 0.00777, 0.00273, 16.8, 33.7
EXPONENTS = {"additive": 0.0, "power 0.4": 0.4, "multiplicative": 1.0}
STARTS = np.linspace(0.0, 1.0, 21)
LEAD_MS = 10.0


def rule(mu: float) -> PairStdp:
    """Return the rule for weights between 0 and 1; Bi & Poo's window, a hundredth as high."""
    return PairStdp(1.0, 0.0, A_PLUS, A_MINUS, TAU_PLUS_MS, TAU_MINUS_MS, mu, mu)


def differences() -> np.ndarray:
    """Return the differences in steps, post minus pre, without 0."""
    n = given_steps("window", MAX_MS, DT_MS)
    return np.concatenate([np.arange(-n, 0), np.arange(1, n + 1)])


def runs() -> list[Run]:
    """Return a run for the window, then one for each exponent with weights from 0 to 1."""
    lags = differences()
    middle = 2 * lags.size
    pre = [np.array([middle])]
    post = [np.array([middle + d]) for d in lags]
    first = np.zeros(lags.size, int), np.arange(lags.size)
    window = forced_run(pre, post, first, [START] * lags.size, rule(0.0), DT_MS)  # type: ignore[arg-type]
    lead = given_steps("lead", LEAD_MS, DT_MS)
    both = [np.array([middle + lead]), np.array([middle - lead])]
    ends = [0] * (2 * STARTS.size), [0] * STARTS.size + [1] * STARTS.size
    return [window, *(
        forced_run(pre, both, ends, np.tile(STARTS, 2).tolist(), rule(mu), DT_MS)
        for mu in EXPONENTS.values()
    )]  # fmt: skip


def measure(results: Sequence[Result]) -> dict[str, Any]:
    """Return difference_ms, change and closed of the window; starts and for each exponent the
    changes by a pair of +10 and of -10 ms.
    """
    ms = differences() * DT_MS
    closed = np.where(
        ms > 0, A_PLUS * np.exp(-ms / TAU_PLUS_MS), -A_MINUS * np.exp(ms / TAU_MINUS_MS)
    )
    window, *others = [result.weights(result.network.projections[1]) for result in results]
    changes = {}
    for name, table in zip(EXPONENTS, others, strict=True):
        change = (table.final - table.weights[0]).reshape(2, STARTS.size)
        order = np.argsort(table.weights[0].reshape(2, STARTS.size), axis=1)
        changes[name] = np.take_along_axis(change, order, axis=1)
    return {
        "difference_ms": ms,
        "change": window.final - window.weights[0],
        "closed": closed,
        "starts": STARTS,
        "changes": changes,
    }


def draw(measured: dict[str, Any], figure: Any) -> None:
    """Draw the window and the changes over the weight."""
    figure.set_size_inches(9.0, 3.8)
    head(figure, TITLE)
    window, weights = figure.subplots(1, 2, width_ratios=(1.3, 1))
    ms, change = measured["difference_ms"], measured["change"]
    for is_part, color in ((ms > 0, BLUE), (ms < 0, RED)):
        window.plot(ms[is_part], measured["closed"][is_part], color=color, lw=1.2)
        window.plot(ms[is_part][::4], change[is_part][::4], "o", ms=3, color=color)
    window.axhline(0.0, color=GREY, lw=0.6)
    window.axvline(0.0, color=GREY, lw=0.6)
    window.text(0.98, 0.9, "points: distsnn\nlines: closed form", ha="right", fontsize=SMALL,
                transform=window.transAxes)  # fmt: skip
    finish(window, "post - pre (ms)", "change of the weight / range")
    for (name, rows), color in zip(measured["changes"].items(), (GREY, GREEN, BLUE), strict=True):
        weights.plot(measured["starts"], rows[0], color=color, lw=1.3, label=name)
        weights.plot(measured["starts"], rows[1], color=color, lw=1.3, ls="--")
    weights.axhline(0.0, color=GREY, lw=0.6)
    weights.plot([], [], color="black", lw=1.1, label=f"post {LEAD_MS:g} ms after pre")
    weights.plot([], [], color="black", lw=1.1, ls="--", label=f"{LEAD_MS:g} ms before")
    weights.legend(fontsize=SMALL, frameon=False)
    finish(weights, "weight before the pair / range", "change of the weight / range")
