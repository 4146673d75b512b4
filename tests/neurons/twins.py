"""The equations of every float model, solved in float64 for one step.

A twin knows differential equations and what a spike does, not the model's propagators: linear
models are solved by scipy's matrix exponential, the others by its adaptive Runge-Kutta method with
tolerance 1e-10. It returns the new state and who spiked; ``margin`` is how clearly each neuron did
or did not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

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
    new["refractory"] = np.where(fired, int(m.t_ref_ms / dt_ms + 0.5), left)
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
    if int(m.t_ref_ms / dt + 0.5):
        w_end = m.a_ns * (m.v_reset_mv - m.e_l_mv)
        return m.v_reset_mv, w_end + (w - w_end) * math.exp(-(dt - at) / m.tau_w_ms), True, at
    second = solve_ivp(slope, (at, dt), [m.v_reset_mv, w], **options)
    return *second.y[:, -1], True, at


def twin_adex(m, dt, s, inputs, current):
    v, w, fired, at = (
        np.array(s["v"]),
        np.array(s["w"]),
        np.zeros(s["v"].size, bool),
        np.full(s["v"].size, dt),
    )
    for k in range(s["v"].size):
        if s["refractory"][k] > 0:
            w_end = m.a_ns * (m.v_reset_mv - m.e_l_mv)
            w[k] = w_end + (w[k] - w_end) * math.exp(-dt / m.tau_w_ms)
        else:
            given = (s["v"][k], s["w"][k], s["g_e"][k], s["g_i"][k], current[k])
            v[k], w[k], fired[k], at[k] = adex_one(m, dt, *given)
    left = np.maximum(s["refractory"] - 1, 0)
    new = {
        "v": v, "w": w, "refractory": np.where(fired, int(m.t_ref_ms / dt + 0.5), left),
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
