"""One step of every float model against float64, from random states, with random inputs.

The equations in float64 are in ``twins.py``. Neurons whose v comes within 1e-3 mV of the threshold
are left out: float32 may decide otherwise there.
"""

from __future__ import annotations

import numpy as np
import pytest
from drive import Alone
from twins import (
    State,
    twin_adaptive_lif,
    twin_adex,
    twin_conductance,
    twin_conductance_alpha,
    twin_integrate_fire,
    twin_izhikevich,
    twin_lif_alpha,
    twin_lif_delta,
    twin_lif_exp,
    twin_lif_floor,
)

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
