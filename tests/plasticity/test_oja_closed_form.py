"""Oja's rule between independent random trains: where the weights end is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced, poisson_trains

from distsnn.plasticity import Oja

DT_MS, N_STEPS = 1.0, 16_000
N_PRE, N_POST = 12, 12


def settled(rule: Oja, x_hz: float, y_hz: float, start: float) -> tuple[float, float]:
    """Return the mean weight over the second half of the run, and the closed form for these trains."""
    rng = np.random.default_rng(round(x_hz + 10 * y_hz))
    pre = poisson_trains(rng, N_PRE, x_hz, N_STEPS, DT_MS)
    post = poisson_trains(rng, N_POST, y_hz, N_STEPS, DT_MS)
    i, j = (part.ravel() for part in np.mgrid[0:N_PRE, 0:N_POST])
    synapses = (i, j, np.full(i.size, start), np.ones(i.size, int))
    forced = Forced(pre, post, synapses, rule, dt_ms=DT_MS, every_steps=500, threshold_mv=100.0)
    table = forced.run().weights(forced.projection)
    late = table.weights[table.times_ms > 0.5 * N_STEPS * DT_MS]
    # The rates that were drawn; in steps, a trace with this step's spike, and one without.
    x, y = (np.mean([len(train) for train in trains]) / N_STEPS for trains in (pre, post))
    left_x, left_y = np.exp(-DT_MS / np.array([rule.tau_pre_ms, rule.tau_post_ms]))
    r, o = x / (1.0 - left_x), y * left_y / (1.0 - left_y)
    assert r == pytest.approx(x * rule.tau_pre_ms / DT_MS, rel=0.04)
    return float(late.mean()), float(r / (rule.alpha * (1.0 + o)))


@pytest.mark.parametrize("start", [0.05, 0.95])
@pytest.mark.parametrize(
    ("x_hz", "y_hz", "alpha", "eta"),
    [(20.0, 15.0, 1.0, 0.03), (40.0, 15.0, 1.0, 0.03), (20.0, 50.0, 0.25, 0.008)],
)
def test_weights_tend_to_the_closed_form(x_hz, y_hz, alpha, eta, start):
    got, expected = settled(Oja(1.0, eta=eta, alpha=alpha), x_hz, y_hz, start)
    assert 0.1 < expected < 0.4
    assert got == pytest.approx(expected, rel=0.04)
