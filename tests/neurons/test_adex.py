"""AdEx: spike times against a solution with tolerance 1e-10, at several time steps."""

from __future__ import annotations

import numpy as np
import pytest
from drive import Alone
from scipy.integrate import solve_ivp

from distsnn.neurons import AdEx
from distsnn.neurons.adex_patterns import NAUD_2008

# First spikes (ms) by an adaptive Runge-Kutta method, rtol 1e-8, spike at 0 mV, computed elsewhere.
TRAINS = {
    "tonic spiking": (14.22, 23.15, 32.24, 41.46, 50.77),
    "adaptation": (14.90, 26.17, 40.55, 60.16, 89.58),
    "regular bursting": (16.16, 19.08, 24.20, 155.96, 161.31),
}


def reference(m: AdEx, current_pa: float, n_spikes: int) -> np.ndarray:
    """Return spike times in ms under a constant current."""

    def slope(t, x):
        up = m.g_l_ns * m.delta_t_mv * np.exp(min(x[0] - m.v_t_mv, 60.0) / m.delta_t_mv)
        force = up - m.g_l_ns * (x[0] - m.e_l_mv) - x[1] + current_pa
        return [force / m.c_m_pf, (m.a_ns * (x[0] - m.e_l_mv) - x[1]) / m.tau_w_ms]

    def peak(t, x):
        return x[0] - m.v_peak_mv

    peak.terminal, peak.direction = True, 1.0
    t, x, times = 0.0, [m.e_l_mv, 0.0], []
    while len(times) < n_spikes and t < 500.0:
        part = solve_ivp(
            slope, (t, 500.0), x, "DOP853", events=peak, rtol=1e-10, atol=1e-10, max_step=1.0
        )
        t, x = part.t[-1], [m.v_reset_mv, part.y[1, -1] + m.b_pa]
        if part.status == 1:
            times.append(t)
    return np.array(times)


def steps_of(pattern, dt_ms, n_steps=None):
    n_steps = n_steps or round(pattern.duration_ms / dt_ms)
    return Alone(pattern.model, 1, dt_ms).run(n_steps, None, pattern.current[0][1]).steps()


@pytest.mark.parametrize("name", list(TRAINS))
@pytest.mark.parametrize("dt_ms", [0.01, 0.1, 0.5])
def test_first_five_spikes_of_published_patterns(name, dt_ms):
    times = (steps_of(NAUD_2008[name], dt_ms)[:5] + 1) * dt_ms
    assert np.abs(times - TRAINS[name]).max() < 2 * dt_ms


@pytest.mark.parametrize("name", list(NAUD_2008))
@pytest.mark.parametrize("dt_ms", [0.01, 0.1])
def test_spikes_fall_into_the_very_step(name, dt_ms):
    pattern = NAUD_2008[name]
    exact = reference(pattern.model, pattern.current[0][1], 5)
    found = steps_of(pattern, dt_ms)[: exact.size]
    # the step in which the exact spike lies, unless it lies within the method's error of its edge
    clear = np.abs(exact / dt_ms - np.round(exact / dt_ms)) > 0.03
    assert clear.sum() >= exact.size - 2
    assert np.array_equal(found[clear] + 1, np.ceil(exact / dt_ms)[clear])
    assert np.abs(found + 1 - np.ceil(exact / dt_ms)).max() <= 1


def test_error_shrinks_with_the_square_of_the_step():
    """v at 12 ms, before the first spike, in float64 steps of 0.8, 0.4 ... against the solution."""
    model = NAUD_2008["adaptation"].model
    errors = []
    exact = solve_ivp(
        lambda t, x: [
            (-12.0 * (x[0] + 70) + 24.0 * np.exp((x[0] + 50) / 2) - x[1] + 500.0) / 200.0,
            (2.0 * (x[0] + 70) - x[1]) / 300.0,
        ],
        (0, 12.8),
        [-70.0, 0.0],
        rtol=1e-11,
        atol=1e-11,
    ).y[0, -1]
    for dt_ms in (0.8, 0.4, 0.2):
        run = Alone(model, 1, dt_ms).run(round(12.8 / dt_ms), None, 500.0)
        errors.append(abs(run.states["v"][-1, 0] - exact))
    assert errors[0] < 0.1
    assert errors[0] / errors[1] > 3.0
    assert errors[1] / errors[2] > 3.0


@pytest.mark.parametrize("dt_ms", [0.1, 1.0])
def test_any_input_stays_finite(dt_ms):
    """Currents and conductances far beyond the physiological, of both signs, for 300 steps."""
    rng = np.random.default_rng(8)
    n = 64
    current = (10.0 ** rng.uniform(0, 7, (300, n)) * rng.choice([-1, 1], (300, n))).astype("f4")
    inputs = (rng.random((300, 2, n)) < 0.2) * rng.integers(0, 20_000, (300, 2, n))
    for model in (AdEx(), AdEx(t_ref_ms=2.0, delta_t_mv=0.8), NAUD_2008["irregular spiking"].model):
        run = Alone(model, n, dt_ms).run(300, inputs, current, record=("v", "w"))
        assert all(np.isfinite(values).all() for values in run.states.values())
        assert run.spikes.any()
        assert run.states["v"].max() < model.v_peak_mv + 1e-4


def test_strong_input_is_a_spike_in_each_step():
    run = Alone(AdEx(b_pa=0.0, a_ns=0.0), 1, 0.1).run(50, None, 1e6)
    assert run.spikes[1:].all()
