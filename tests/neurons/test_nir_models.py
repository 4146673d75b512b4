"""The neurons of NIR against their equations in float64, one step from random states.

Exact steps are solved by the matrix exponential of the whole system with its constant input, Euler
steps written down as they are. Neurons close to the threshold are left out.
"""

from __future__ import annotations

import numpy as np
import pytest
from drive import Alone
from scipy.linalg import expm

from distsnn.errors import NetworkError
from distsnn.neurons import NirCubaLif, NirIf, NirLif

N = 200
QUANTUM = 1 / 64
COMMON = {"v_threshold": 0.9, "v_reset": -0.3, "bias": 0.0625, "r": 1.5}
MODELS = {"IF": NirIf, "LIF": NirLif, "CubaLIF": NirCubaLif}
METHODS = {"IF": ({},), "LIF": ({"method": "exact"}, {"method": "euler"})}
METHODS["CubaLIF"] = METHODS["LIF"]
CASES = [
    (name, {**COMMON, **method, "reset": reset})
    for name in MODELS
    for method in METHODS[name]
    for reset in ("value", "subtract")
]


def solved(m, dt, v, i, given):
    """Return v and i after a step with a constant input."""
    s = given + m.bias
    if isinstance(m, NirIf):
        return v + m.r * s, i
    if isinstance(m, NirLif):
        end = m.v_leak + m.r * s
        if m.method == "euler":
            return v + dt / m.tau_ms * (end - v), i
        step = expm(np.array([[-1 / m.tau_ms, 1 / m.tau_ms], [0, 0]]) * dt)
        return (step @ np.array([v, end]))[0], i
    if m.method == "euler":
        i = i + dt / m.tau_syn_ms * (m.w_in * s - i)
        return v + dt / m.tau_mem_ms * (m.v_leak - v + m.r * i), i
    system = np.array([
        [-1 / m.tau_mem_ms, m.r / m.tau_mem_ms, m.v_leak / m.tau_mem_ms, 0],
        [0, -1 / m.tau_syn_ms, 0, m.w_in / m.tau_syn_ms],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ])  # fmt: skip
    new = expm(system * dt) @ np.array([v, i, np.ones(v.size), s])
    return new[0], new[1]


@pytest.mark.parametrize("dt_ms", [1.0, 0.1])
@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_one_step(name, parameters, dt_ms):
    own = {} if name == "IF" else {"v_leak": 0.25}
    model = MODELS[name](**parameters, **own)
    rng = np.random.default_rng([len(name), len(parameters["reset"])])
    wait = np.where(rng.random(N) < 0.2, rng.integers(1, 5, N), 0)
    state = {"v": rng.uniform(-1.0, 1.3, N), "i": rng.uniform(-4.0, 20.0, N), "wait": wait}
    alone = Alone(model, N, dt_ms, {k: state[k] for k in model.states}, quantum=QUANTUM)
    v = alone.value("v")
    i = alone.value("i") if "i" in model.states else np.zeros(N)
    arriving = rng.integers(-64, 128, (1, 1, N))
    current = rng.uniform(0.0, 0.5, N).astype(np.float32).astype(np.float64)
    v_new, i_new = solved(model, dt_ms, v, i, arriving[0, 0] * QUANTUM + current)
    fires = (v_new > model.v_threshold) & (wait == 0)
    after = model.v_reset if model.reset == "value" else v_new - model.v_threshold
    expected = np.where(wait > 0, v, np.where(fires, after, v_new))
    result = alone.run(1, arriving, current[None, :], record=tuple(model.states))

    clear = np.abs(v_new - model.v_threshold) > 1e-4
    assert clear.sum() > 0.9 * N
    assert fires.sum() > 5
    assert np.array_equal(result.spikes[0, clear], fires[clear])
    assert np.abs(result.states["v"][0] - expected)[clear].max() < 5e-6
    assert np.array_equal(result.states["wait"][0], np.maximum(wait - 1, 0))
    if "i" in model.states:
        assert np.abs(result.states["i"][0] - np.where(wait > 0, i, i_new)).max() < 5e-6


def test_equal_time_constants():
    """The limit of the exact solution: k = dt / tau exp(-dt / tau)."""
    near, equal = (
        NirCubaLif(tau_syn_ms=10.0 * (1 + small), tau_mem_ms=10.0).constants(1.0)
        for small in (1e-6, 0.0)
    )
    np.testing.assert_allclose(near, equal, rtol=1e-5, atol=1e-7)
    assert equal.v_from_i == pytest.approx(0.1 * np.exp(-0.1))


@pytest.mark.parametrize("model", MODELS.values())
def test_a_threshold_is_crossed_not_met(model):
    """v > v_threshold: a neuron exactly at the threshold stays silent."""
    parameters = {} if model is NirIf else {"method": "euler"}
    own = model(v_threshold=0.5, **parameters)
    alone = Alone(own, 2, 1.0, {"v": [0.5, 0.75]})
    shown = alone.run(1, current=0.0 if model is NirIf else 0.5)
    assert not shown.spikes[0, 0]


def test_wrong_parameters():
    for wrong in ({"reset": "none"}, {"first_step": -1}, {"v_threshold": "high"}):
        with pytest.raises(NetworkError, match="must be"):
            NirIf(**wrong)
    with pytest.raises(NetworkError, match="tau_ms"):
        NirLif(tau_ms=0.0)
    with pytest.raises(NetworkError, match="method"):
        NirCubaLif(method="rk4")
