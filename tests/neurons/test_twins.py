"""One step of every float model against float64, from random states, with random inputs.

A twin knows the model's equations (differential equations and what a spike does), not its
propagators: linear models are solved by scipy's matrix exponential, the others by its adaptive
Runge-Kutta method with tolerance 1e-11. Neurons whose v comes within 1e-3 mV of the threshold are
left out: float32 may decide otherwise there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from drive import Alone
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from distsnn.neurons import (
    AdaptiveLif,
    AdEx,
    IntegrateFire,
    Izhikevich,
    LifAlpha,
    LifCondAlpha,
    LifCondExp,
    LifDelta,
    LifExp,
    LifFloor,
)

N = 200
State = dict[str, np.ndarray]


def linear(equations, state: np.ndarray, dt_ms: float) -> np.ndarray:
    """Solve dx/dt = A x exactly for each neuron: state [variables, n]."""
    return expm(np.array(equations, dtype=float) * dt_ms) @ state


def finish(m: Any, s: State, new: State, dt_ms: float, threshold=None) -> tuple[State, np.ndarray]:
    """What all integrate-and-fire models share: refractory neurons are held, others may spike."""
    held = s["refractory"] > 0
    new["v"] = np.where(held, s["v"], new["v"])
    level = m.v_threshold_mv if threshold is None else threshold
    fired = new["v"] >= level
    new["margin"] = np.abs(new["v"] - level)
    new["v"] = np.where(fired, m.v_reset_mv, new["v"])
    left = np.maximum(s["refractory"] - 1, 0)
    new["refractory"] = np.where(fired, round(m.t_ref_ms / dt_ms), left)
    return new, fired


def twin_integrate_fire(m, dt, s, inputs, current):
    v = s["v"] + (current + m.i_offset_pa) * dt / m.c_m_pf + inputs.sum(axis=0)
    return finish(m, s, {"v": np.maximum(v, m.v_floor_mv)}, dt)


def twin_lif_delta(m, dt, s, inputs, current):
    a = [[-1 / m.tau_m_ms, 1 / m.c_m_pf], [0, 0]]
    x = linear(a, np.array([s["v"] - m.e_l_mv, current + m.i_offset_pa]), dt)
    return finish(m, s, {"v": x[0] + m.e_l_mv + inputs[0]}, dt)


def exponential_currents(m, s, current, c_m, dt):
    a = np.zeros((4, 4))
    a[0] = [-1 / m.tau_m_ms, 1 / c_m, 1 / c_m, 1 / c_m]
    a[1, 1], a[2, 2] = -1 / m.tau_syn_e_ms, -1 / m.tau_syn_i_ms
    return linear(a, np.array([s["v"] - m.e_l_mv, s["i_e"], s["i_i"], current]), dt)


def twin_lif_exp(m, dt, s, inputs, current):
    x = exponential_currents(m, s, current + m.i_offset_pa, m.c_m_pf, dt)
    new = {"v": x[0] + m.e_l_mv, "i_e": x[1] + inputs[0], "i_i": x[2] + inputs[1]}
    return finish(m, s, new, dt)


def twin_lif_floor(m, dt, s, inputs, current):
    drive = current * 1e-3 + m.i_offset_na
    x = exponential_currents(m, s, drive, m.tau_m_ms / m.r_m_mohm, dt)
    v = np.maximum(x[0] + m.e_l_mv, m.v_floor_mv)
    return finish(m, s, {"v": v, "i_e": x[1] + inputs[0], "i_i": x[2] + inputs[1]}, dt)


def twin_lif_alpha(m, dt, s, inputs, current):
    a = np.zeros((6, 6))
    a[0] = [-1 / m.tau_m_ms, 1 / m.c_m_pf, 0, 1 / m.c_m_pf, 0, 1 / m.c_m_pf]
    for row, tau in ((1, m.tau_syn_e_ms), (3, m.tau_syn_i_ms)):
        a[row, row], a[row, row + 1], a[row + 1, row + 1] = -1 / tau, 1, -1 / tau
    names = ("i_e", "j_e", "i_i", "j_i")
    given = [s["v"] - m.e_l_mv, *(s[name] for name in names), current + m.i_offset_pa]
    x = linear(a, np.array(given), dt)
    new = {"v": x[0] + m.e_l_mv, **dict(zip(names, x[1:5], strict=True))}
    new["j_e"] = new["j_e"] + inputs[0] * math.e / m.tau_syn_e_ms
    new["j_i"] = new["j_i"] + inputs[1] * math.e / m.tau_syn_i_ms
    return finish(m, s, new, dt)


def twin_adaptive_lif(m, dt, s, inputs, current):
    a = np.zeros((5, 5))
    a[0] = [-1 / m.tau_m_ms, -1 / m.c_m_pf, 1 / m.c_m_pf, 1 / m.c_m_pf, 1 / m.c_m_pf]
    a[1, :2] = m.a_ns / m.tau_w_ms, -1 / m.tau_w_ms
    a[2, 2], a[3, 3] = -1 / m.tau_syn_e_ms, -1 / m.tau_syn_i_ms
    given = [s["v"] - m.e_l_mv, s["w"], s["i_e"], s["i_i"], current + m.i_offset_pa]
    x = linear(a, np.array(given), dt)
    held = a.copy()
    held[0] = 0
    y = linear(held, np.array(given), dt)
    theta = s["theta"] * math.exp(-dt / m.tau_theta_ms)
    new = {
        "v": x[0] + m.e_l_mv, "w": np.where(s["refractory"] > 0, y[1], x[1]),
        "i_e": x[2] + inputs[0], "i_i": x[3] + inputs[1], "theta": theta,
    }  # fmt: skip
    new, fired = finish(m, s, new, dt, m.v_threshold_mv + theta)
    new["w"] = new["w"] + m.b_pa * fired
    new["theta"] = theta + m.theta_jump_mv * fired
    return new, fired


def conductances(m, s, alpha):
    """Return functions of time: g_e and g_i."""
    e, i, tau_e, tau_i = s["g_e"], s["g_i"], m.tau_syn_e_ms, m.tau_syn_i_ms
    h_e, h_i = (s["h_e"], s["h_i"]) if alpha else (0.0, 0.0)
    return (
        lambda t: (e + h_e * t) * np.exp(-t / tau_e),
        lambda t: (i + h_i * t) * np.exp(-t / tau_i),
    )


def twin_conductance(m, dt, s, inputs, current, alpha=False):
    g_e, g_i = conductances(m, s, alpha)

    def slope(t, v):
        leak = -m.g_l_ns * (v - m.e_l_mv) + current + m.i_offset_pa
        return (leak - g_e(t) * (v - m.e_e_mv) - g_i(t) * (v - m.e_i_mv)) / m.c_m_pf

    v = solve_ivp(slope, (0, dt), s["v"], rtol=1e-11, atol=1e-11).y[:, -1]
    new = {"v": v, "g_e": g_e(dt), "g_i": g_i(dt)}
    if alpha:
        new["h_e"] = s["h_e"] * math.exp(-dt / m.tau_syn_e_ms)
        new["h_e"] = new["h_e"] + np.abs(inputs[0]) * math.e / m.tau_syn_e_ms
        new["h_i"] = s["h_i"] * math.exp(-dt / m.tau_syn_i_ms)
        new["h_i"] = new["h_i"] + np.abs(inputs[1]) * math.e / m.tau_syn_i_ms
    else:
        new["g_e"], new["g_i"] = new["g_e"] + np.abs(inputs[0]), new["g_i"] + np.abs(inputs[1])
    return finish(m, s, new, dt)


def twin_conductance_alpha(m, dt, s, inputs, current):
    return twin_conductance(m, dt, s, inputs, current, alpha=True)


def adex_one(m, dt, v, w, g_e, g_i, current):
    """Solve one neuron through its spike, if it has one; return v, w, spiked, time of the spike."""

    def slope(t, x):
        e, i = g_e * math.exp(-t / m.tau_syn_e_ms), g_i * math.exp(-t / m.tau_syn_i_ms)
        up = m.g_l_ns * m.delta_t_mv * math.exp(min(x[0] - m.v_t_mv, 60.0) / m.delta_t_mv)
        force = up - m.g_l_ns * (x[0] - m.e_l_mv) - x[1] + current + m.i_offset_pa
        force -= e * (x[0] - m.e_e_mv) + i * (x[0] - m.e_i_mv)
        return [force / m.c_m_pf, (m.a_ns * (x[0] - m.e_l_mv) - x[1]) / m.tau_w_ms]

    def peak(t, x):
        return x[0] - m.v_peak_mv

    peak.terminal, peak.direction = True, 1.0
    options = {"rtol": 1e-10, "atol": 1e-10, "events": peak}
    first = solve_ivp(slope, (0, dt), [v, w], **options)
    if first.status != 1:
        return *first.y[:, -1], False, dt
    at, w = first.t[-1], first.y[1, -1] + m.b_pa
    if round(m.t_ref_ms / dt):
        w_end = m.a_ns * (m.v_reset_mv - m.e_l_mv)
        return m.v_reset_mv, w_end + (w - w_end) * math.exp(-(dt - at) / m.tau_w_ms), True, at
    second = solve_ivp(slope, (at, dt), [m.v_reset_mv, w], **options)
    return *second.y[:, -1], True, at


def twin_adex(m, dt, s, inputs, current):
    v, w, fired, at = (np.array(s["v"]), np.array(s["w"]), np.zeros(N, bool), np.full(N, dt))
    for k in range(N):
        if s["refractory"][k] > 0:
            w_end = m.a_ns * (m.v_reset_mv - m.e_l_mv)
            w[k] = w_end + (w[k] - w_end) * math.exp(-dt / m.tau_w_ms)
        else:
            given = (s["v"][k], s["w"][k], s["g_e"][k], s["g_i"][k], current[k])
            v[k], w[k], fired[k], at[k] = adex_one(m, dt, *given)
    left = np.maximum(s["refractory"] - 1, 0)
    new = {
        "v": v, "w": w, "refractory": np.where(fired, round(m.t_ref_ms / dt), left),
        "g_e": s["g_e"] * math.exp(-dt / m.tau_syn_e_ms) + np.abs(inputs[0]),
        "g_i": s["g_i"] * math.exp(-dt / m.tau_syn_i_ms) + np.abs(inputs[1]),
        # a neuron that is in its upstroke at the end of the step, or spikes there, is left out
        "margin": np.where((~fired & (v > m.v_t_mv + 6.0)) | (fired & (at > 0.99 * dt)), 0.0, 1.0),
    }  # fmt: skip
    return new, fired


def twin_izhikevich(m, dt, s, inputs, current):
    v, u = s["v"], s["u"]
    arriving = inputs.sum(axis=0)
    half = m.scheme == "half_steps"
    drive = current + m.i_offset + (arriving / dt if half else 0.0) - u
    for h in (dt / 2, dt / 2) if half else (dt,):
        v = v + h * (m.k2 * v**2 + m.k1 * v + m.k0 + drive)
    v = v + (0.0 if half else arriving)
    seen = s["v"] if m.scheme == "euler" else v
    u = u + dt * s["a"] * (s["b"] * (seen - m.v_u_mv) - m.u_leak * u)
    fired = v >= m.v_peak_mv
    new = {
        "v": np.where(fired, s["c"], v), "u": np.where(fired, u + s["d"], u),
        "margin": np.abs(v - m.v_peak_mv),
    }  # fmt: skip
    return new, fired


def refractory(rng):
    return np.where(rng.random(N) < 0.3, rng.integers(1, 9, N), 0)


def random_state(model, rng) -> State:
    """Random values of each state variable, such as they occur, some close to the threshold."""
    sizes = {"i": 400.0, "j": 300.0, "g": 40.0, "h": 30.0, "w": 150.0, "theta": 4.0}
    state = {}
    for name in model.states:
        if name == "v":
            top = getattr(model, "v_threshold_mv", 0.0)
            state[name] = top + 1.0 - 20.0 * rng.random(N) ** 3
            if isinstance(model, Izhikevich):
                state[name] = rng.uniform(-80, 30, N)
            if isinstance(model, AdEx):
                state[name] = rng.uniform(-75, -40, N)
        elif name == "refractory":
            state[name] = refractory(rng)
        elif name in ("i_i", "j_i"):
            state[name] = -sizes[name[0]] * rng.random(N)
        elif isinstance(model, Izhikevich):
            low, high = {
                "u": (-15, 5), "a": (0.01, 0.1), "b": (0.1, 0.3), "c": (-65, -50), "d": (0, 8),
            }[name]  # fmt: skip
            state[name] = rng.uniform(low, high, N)
        else:
            state[name] = sizes.get(name, sizes.get(name[0])) * rng.random(N)
    if isinstance(model, AdaptiveLif):
        state["v"] = state["v"] + state["theta"]
    if isinstance(model, LifFloor):
        state.update(i_e=state["i_e"] / 20, i_i=state["i_i"] / 20)
    if "refractory" in state:
        state["v"] = np.where(state["refractory"] > 0, model.v_reset_mv, state["v"])
    return state


# model, twin, weights of one quantum's worth of input, largest error of v and of the other states
CASES = {
    "IntegrateFire": (IntegrateFire(t_ref_ms=1.0, v_floor_mv=-5.0), twin_integrate_fire, 0.1),
    "LifDelta": (LifDelta(i_offset_pa=50.0), twin_lif_delta, 0.1),
    "LifExp": (LifExp(tau_syn_i_ms=2.0, i_offset_pa=50.0), twin_lif_exp, 10.0),
    "LifExp equal": (LifExp(tau_m_ms=2.0, tau_syn_e_ms=2.0), twin_lif_exp, 10.0),
    "LifFloor": (LifFloor(v_floor_mv=-8.0), twin_lif_floor, 1.0),
    "LifAlpha": (LifAlpha(tau_syn_i_ms=3.0, i_offset_pa=50.0), twin_lif_alpha, 10.0),
    "LifAlpha equal": (LifAlpha(tau_m_ms=2.0), twin_lif_alpha, 10.0),
    "AdaptiveLif": (AdaptiveLif(a_ns=4.0, theta_jump_mv=2.0), twin_adaptive_lif, 10.0),
    "LifCondExp": (LifCondExp(i_offset_pa=50.0), twin_conductance, 1.0),
    "LifCondAlpha": (LifCondAlpha(tau_syn_e_ms=1.0), twin_conductance_alpha, 1.0),
    "AdEx": (AdEx(v_reset_mv=-58.0), twin_adex, 1.0),
    "AdEx refractory": (AdEx(t_ref_ms=2.0), twin_adex, 1.0),
    "Izhikevich euler": (Izhikevich(), twin_izhikevich, 0.1),
    "Izhikevich sequential": (Izhikevich(scheme="sequential"), twin_izhikevich, 0.1),
    "Izhikevich half_steps": (
        Izhikevich(scheme="half_steps", k1=4.1, k0=108.0, v_u_mv=-65.0, u_leak=0.5),
        twin_izhikevich,
        0.1,
    ),
}


def bound_of_v(name: str, dt_ms: float) -> float:
    """Largest error of v in one step: rounding, but for AdEx's second-order method."""
    return 3e-3 * (dt_ms / 0.1) ** 2 if name.startswith("AdEx") else 1.5e-5


@pytest.mark.parametrize("dt_ms", [0.1, 0.01])
@pytest.mark.parametrize("name", list(CASES))
def test_one_step(name, dt_ms):
    model, twin, quantum = CASES[name]
    rng = np.random.default_rng([len(name), round(1 / dt_ms)])
    state = random_state(model, rng)
    alone = Alone(model, N, dt_ms, state, quantum=quantum)
    start = {key: alone.value(key) for key in model.states}  # as float32 keeps them
    inputs = rng.integers(-3, 6, (1, len(model.receptors), N))
    current = rng.uniform(0, 5 if isinstance(model, Izhikevich) else 1500, N)
    current = current.astype(np.float32).astype(np.float64)
    expected, fired = twin(model, dt_ms, start, inputs[0] * np.float64(quantum), current)
    result = alone.run(1, inputs, current[None, :], record=tuple(model.states))

    clear = expected.pop("margin") > 1e-3
    assert clear.sum() > 0.5 * N
    assert np.array_equal(result.spikes[0, clear], fired[clear])
    if dt_ms == 0.1:
        assert fired.sum() > 0, "some must spike for the test to mean anything"
    for key, values in expected.items():
        error = np.abs(result.states[key][0] - values)[clear].max()
        bound = bound_of_v(name, dt_ms) if key == "v" else 1e-6 * max(10.0, np.abs(values).max())
        if name.startswith("AdEx") and key == "w":
            bound = 2e-3 * dt_ms / 0.1
        assert error < bound, f"{key}: {error}, limit {bound}"
