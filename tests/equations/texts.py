"""Published models as text, for the tests, the reference numbers and the benchmark.

Each is the arguments of ``Equations``. No part of the package is imported here: the script that makes
the reference numbers with Brian2 reads the same texts.
"""

from __future__ import annotations

from typing import Any

LIF: dict[str, Any] = {
    "text": """
        dv/dt = (e_l - v)/tau_m + (i_e + i_i + current)/c_m : mV (unless refractory)
        di_e/dt = -i_e/tau_e : pA
        di_i/dt = -i_i/tau_i : pA
    """,
    "threshold": "v >= v_th",
    "reset": "v = v_reset",
    "refractory_ms": 2.0,
    "receptors": {"excitatory": "i_e += weight", "inhibitory": "i_i += weight"},
    "parameters": {
        "e_l": -65.0, "tau_m": 10.0, "c_m": 250.0, "tau_e": 0.5, "tau_i": 0.5, "v_th": -50.0,
        "v_reset": -65.0,
    },
    "initial": {"v": "e_l"},
}  # fmt: skip

# A spike of weight w raises the current to its peak w after tau.
ALPHA: dict[str, Any] = {
    "text": """
        dv/dt = (e_l - v)/tau_m + (i_e + i_i + current)/c_m : mV (unless refractory)
        di_e/dt = x_e - i_e/tau_e : pA
        dx_e/dt = -x_e/tau_e : pA/ms
        di_i/dt = x_i - i_i/tau_i : pA
        dx_i/dt = -x_i/tau_i : pA/ms
    """,
    "threshold": "v >= v_th",
    "reset": "v = v_reset",
    "refractory_ms": 2.0,
    "receptors": {
        "excitatory": "x_e += weight*exp(1)/tau_e", "inhibitory": "x_i += weight*exp(1)/tau_i",
    },
    "parameters": {
        "e_l": -65.0, "tau_m": 10.0, "c_m": 250.0, "tau_e": 2.0, "tau_i": 2.0, "v_th": -50.0,
        "v_reset": -65.0,
    },
    "initial": {"v": "e_l"},
}  # fmt: skip

ADEX: dict[str, Any] = {
    "text": """
        dv/dt = (i_leak + i_spike + i_syn - w + current)/c_m : mV
        dw/dt = (a*(v - e_l) - w)/tau_w : pA
        dg_e/dt = -g_e/tau_e : nS
        dg_i/dt = -g_i/tau_i : nS
        i_leak = g_l*(e_l - v)
        i_spike = g_l*delta*exp((v - v_t)/delta)
        i_syn = g_e*(e_e - v) + g_i*(e_i - v) : pA
    """,
    "threshold": "v > v_t + 5*delta",
    "reset": "v = v_reset; w += b",
    "receptors": {"excitatory": "g_e += abs(weight)", "inhibitory": "g_i += abs(weight)"},
    "parameters": {
        "c_m": 281.0, "g_l": 30.0, "e_l": -70.6, "v_t": -50.4, "delta": 2.0, "a": 4.0, "b": 80.5,
        "tau_w": 144.0, "v_reset": -70.6, "e_e": 0.0, "e_i": -80.0, "tau_e": 5.0, "tau_i": 10.0,
    },
    "initial": {"v": "e_l"},
}  # fmt: skip

# A current of x pA counts as x mV/ms, as for the packaged model.
IZHIKEVICH: dict[str, Any] = {
    "text": """
        dv/dt = 0.04*v**2 + 5*v + 140 - u + current
        du/dt = a*(b*v - u)
    """,
    "threshold": "v >= v_peak",
    "reset": "v = c; u += d",
    "receptors": {"excitatory": "v += weight", "inhibitory": "v += weight"},
    "parameters": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "v_peak": 30.0},
    "initial": {"v": -65.0, "u": "-65.0*b"},
    "method": "euler",
}  # fmt: skip

# Traub & Miles 1991, in the form of Brette et al. 2007, J Comput Neurosci 23:349 (benchmark 3).
HODGKIN_HUXLEY: dict[str, Any] = {
    "text": """
        dv/dt = (i_leak + i_na + i_k + i_syn + current)/c_m : mV
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        dg_e/dt = -g_e/tau_e : nS
        dg_i/dt = -g_i/tau_i : nS
        i_leak = g_l*(e_l - v) : pA
        i_na = g_na*m**3*h*(e_na - v) : pA
        i_k = g_k*n**4*(e_k - v) : pA
        i_syn = g_e*(e_e - v) + g_i*(e_i - v) : pA
        alpha_m = 1.28/exprel((13*mV - v + v_t)/(4*mV))/ms : 1/ms   # 0.32 * 4
        beta_m = 1.4/exprel((v - v_t - 40*mV)/(5*mV))/ms : 1/ms     # 0.28 * 5
        alpha_h = 0.128*exp((17*mV - v + v_t)/(18*mV))/ms : 1/ms
        beta_h = 4/(1 + exp((40*mV - v + v_t)/(5*mV)))/ms : 1/ms
        alpha_n = 0.16/exprel((15*mV - v + v_t)/(5*mV))/ms : 1/ms   # 0.032 * 5
        beta_n = 0.5*exp((10*mV - v + v_t)/(40*mV))/ms : 1/ms
    """,
    "threshold": "v > -20*mV",
    "refractory_ms": 3.0,
    "receptors": {"excitatory": "g_e += abs(weight)", "inhibitory": "g_i += abs(weight)"},
    "parameters": {
        "c_m": 200.0, "g_l": 10.0, "e_l": -60.0, "g_na": 20000.0, "g_k": 6000.0, "e_na": 50.0,
        "e_k": -90.0, "v_t": -63.0, "e_e": 0.0, "e_i": -80.0, "tau_e": 5.0, "tau_i": 10.0,
    },
    "initial": {"v": "e_l"},
}  # fmt: skip

MODELS = {
    "lif": LIF, "alpha": ALPHA, "adex": ADEX, "izhikevich": IZHIKEVICH,
    "hodgkin_huxley": HODGKIN_HUXLEY,
}  # fmt: skip
