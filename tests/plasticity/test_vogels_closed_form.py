"""Vogels' inhibitory rule: what given spikes do, where rates come to rest, and the sign of weights."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced, poisson_trains

from distsnn.errors import NetworkError
from distsnn.plasticity import VogelsStdp


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("lag", [-300, -7, 7, 300])
def test_a_pair_changes_the_size_by_its_window(lag, sign):
    """Either order strengthens by eta exp(-|D| / tau), and each presynaptic spike takes eta alpha."""
    bounds = {"w_min": 0.0, "w_max": 8.0} if sign > 0 else {"w_min": -8.0, "w_max": 0.0}
    rule = VogelsStdp(eta=0.03, rho_hz=4.0, **bounds)
    pre, post = [np.array([401])], [np.array([402 + lag])]
    forced = Forced(pre, post, ([0], [0], [sign * 3.0], [1]), rule)
    expected = 3.0 + 8.0 * 0.03 * (np.exp(-abs(lag) * 0.1 / 20.0) - 2 * 0.004 * 20.0)
    assert forced.weights()[0] == pytest.approx(sign * expected, abs=2e-5)


@pytest.mark.parametrize("y_hz", [10.0, 20.0, 40.0])
def test_independent_trains_drift_by_the_distance_to_the_target_rate(y_hz):
    """du/dt = 2 eta x tau (y - rho): down below rho, at rest there, up above."""
    dt_ms, n_steps, x_hz = 1.0, 20_000, 15.0
    rule = VogelsStdp(1.0, eta=1e-4, rho_hz=20.0)
    rng = np.random.default_rng(3)
    pre = poisson_trains(rng, 20, x_hz, n_steps, dt_ms)
    post = poisson_trains(rng, 20, y_hz, n_steps, dt_ms)
    i, j = (part.ravel() for part in np.mgrid[0:20, 0:20])
    synapses = (i, j, np.full(i.size, 0.5), np.ones(i.size, int))
    forced = Forced(pre, post, synapses, rule, dt_ms=dt_ms, threshold_mv=100.0)
    x, y = (np.mean([len(train) for train in trains]) / n_steps for trains in (pre, post))
    seconds = n_steps * dt_ms / 1000.0
    # Sums of the trace over steps: that of one side has the spike's own step, the other's has not.
    left = np.exp(-dt_ms / rule.tau_ms)
    drawn = 1e-4 * n_steps * x * (y * (1.0 + left) / (1.0 - left) - 2 * 0.020 * rule.tau_ms)
    smooth = 2.0 * 1e-4 * x_hz * 0.020 * (y_hz - 20.0) * seconds
    got = forced.weights().mean() - 0.5
    assert got == pytest.approx(drawn, abs=6e-4)
    assert got == pytest.approx(smooth, abs=5e-3)


def test_bounds_of_both_signs_are_refused():
    message = r"^VogelsStdp\.w_min, w_max: must be of one sign, got \[-1\.0, 1\.0\]\. Set w_max=0"
    with pytest.raises(NetworkError, match=message):
        VogelsStdp(w_max=1.0, w_min=-1.0)
