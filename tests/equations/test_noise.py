"""White noise in equations: stationary distributions and correlations against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from neurons.drive import Alone

from distsnn import Equations

N = 4000


def settled(model, dt_ms: float, n_steps: int, record: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return samples of n neurons after n_steps and one step later, [2, n]."""
    run = Alone(model, N, dt_ms, key=91).run(n_steps, record=record)
    return {name: run.states[name][-2:] for name in record}


@pytest.mark.parametrize("dt_ms", [0.1, 4.0])
def test_linear_noise_is_exact_for_any_step(dt_ms):
    """Ornstein-Uhlenbeck: standard deviation sigma, correlation exp(-dt / tau) after a step."""
    text = "dx/dt = (mu - x)/tau + sigma*sqrt(2/tau)*xi"
    model = Equations(text, parameters={"mu": 3.0, "tau": 5.0, "sigma": 2.0}, initial={"x": "mu"})
    assert model.is_noisy
    assert model.methods == {"x": "exact"}
    x = settled(model, dt_ms, round(40.0 / dt_ms), ("x",))["x"]
    assert x.mean() == pytest.approx(3.0, abs=4 * 2.0 / np.sqrt(N))
    assert x.std() == pytest.approx(2.0, rel=4 / np.sqrt(2 * N))
    correlation = np.corrcoef(x)[0, 1]
    expected = np.exp(-dt_ms / 5.0)
    assert correlation == pytest.approx(expected, abs=4 * (1 - expected**2) / np.sqrt(N) + 1e-4)


@pytest.mark.parametrize("method", ["euler", "exponential_euler"])
def test_stated_methods(method):
    text = "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi"
    model = Equations(text, parameters={"tau": 5.0, "sigma": 2.0}, method=method)
    dt_ms = 1.0
    x = settled(model, dt_ms, 60, ("x",))["x"]
    # Euler: variance 2 sigma^2 h/tau / (1 - (1 - h/tau)^2)
    h = dt_ms / 5.0
    variance = 4.0 * 2.0 * h / (1.0 - (1.0 - h) ** 2) if method == "euler" else 4.0
    assert x.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / N))


def test_multiplicative_noise_is_that_of_ito():
    """dx = s x dW keeps the mean; log x has the mean -s^2 t / 2 and the variance s^2 t."""
    model = Equations("dx/dt = s*x*xi", parameters={"s": 0.1}, initial={"x": 1.0})
    x = settled(model, 0.1, 200, ("x",))["x"][-1]
    assert np.log(x).mean() == pytest.approx(-0.1, abs=4 * np.sqrt(0.2 / N))
    assert np.log(x).std() == pytest.approx(np.sqrt(0.2), rel=4 / np.sqrt(2 * N))


def test_free_diffusion_and_held_neurons():
    text = "dx/dt = s*xi (unless refractory)"
    model = Equations(text, parameters={"s": 1.0}, threshold="x > 1000", refractory_ms=5.0)
    cell = Alone(model, N, 0.5, key=3)
    cell.states["refractory"][: N // 2] = 100
    x = cell.run(50, record=("x",)).states["x"][-1]
    assert (x[: N // 2] == 0.0).all()
    assert x[N // 2 :].var() == pytest.approx(25.0, rel=4 * np.sqrt(4 / N))


def test_noise_drives_other_variables():
    """A slow current with noise: v has the variance sigma^2 tau_s / (tau_s + tau)."""
    text = "dv/dt = (i - v)/tau\ndi/dt = -i/tau_s + sigma*sqrt(2/tau_s)*xi"
    model = Equations(text, parameters={"tau": 10.0, "tau_s": 30.0, "sigma": 2.0})
    v = settled(model, 0.1, 2000, ("v",))["v"][-1]
    assert v.var() == pytest.approx(4.0 * 30.0 / 40.0, rel=4 * np.sqrt(2 / N))


def test_noise_of_several_names_is_independent():
    text = """
        dx/dt = s*xi
        dy/dt = s*xi_a
        dz/dt = s*xi_b + 0.75*s*xi
        dq/dt = s*xi_b*(1 + 0*q**2)
    """
    model = Equations(text, parameters={"s": 1.0})
    samples = settled(model, 1.0, 30, ("x", "y", "z", "q"))
    x, y, z, q = (samples[name][-1] for name in "xyzq")
    bound = 4 / np.sqrt(N)
    for a, b, expected in ((x, y, 0.0), (y, z, 0.0), (x, z, 0.6), (q, z, 0.8), (x, q, 0.0)):
        assert np.corrcoef(a, b)[0, 1] == pytest.approx(expected, abs=bound)
    assert abs(np.corrcoef(x**2, y**2)[0, 1]) < bound
    assert z.var() == pytest.approx(30.0 * 1.5625, rel=4 * np.sqrt(2 / N))
