"""Every float model that NEST has against NEST 3.10: spike steps and states for common inputs.

The reference numbers and how they were made: ``reference/make_nest.py``. Compared are all steps
up to the 20th spike: the script's half steps make spikes so coarse that later ones amplify any
rounding.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drive import Alone

from distsnn.neurons import (
    AdEx,
    Izhikevich,
    LifAlpha,
    LifCondAlpha,
    LifCondExp,
    LifDelta,
    LifExp,
)

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nest.json").read_text())
N_SPIKES = 20
QUANTUM = 0.1  # of the weights, all of which are multiples of it
LIF = {
    "C_m": "c_m_pf", "tau_m": "tau_m_ms", "E_L": "e_l_mv", "V_th": "v_threshold_mv",
    "V_reset": "v_reset_mv", "t_ref": "t_ref_ms", "tau_syn_ex": "tau_syn_e_ms",
    "tau_syn_in": "tau_syn_i_ms", "g_L": "g_l_ns", "E_ex": "e_e_mv", "E_in": "e_i_mv",
}  # fmt: skip
ADEX = {
    **LIF, "V_th": "v_t_mv", "Delta_T": "delta_t_mv", "a": "a_ns", "b": "b_pa",
    "tau_w": "tau_w_ms", "V_peak": "v_peak_mv",
}  # fmt: skip
MODELS = {
    "LifExp": LifExp, "LifDelta": LifDelta, "LifAlpha": LifAlpha, "LifCondExp": LifCondExp,
    "LifCondAlpha": LifCondAlpha, "AdEx": AdEx,
}  # fmt: skip
STATE_OF = {"V_m": "v", "w": "w", "U_m": "u"}
# Largest differences allowed (measured ones are about half). Samples of v in the upstroke of a
# spike, where it runs at up to 1000 mV/ms, are left out for the models that have an upstroke.
LINEAR = {"V_m": 5e-5}
BOUNDS = {
    ("AdEx", 0.1): {"V_m": 0.05, "w": 0.02},
    ("AdEx", 0.01): {"V_m": 1e-3, "w": 2e-3},
    ("Izhikevich", 0.1): {"V_m": 1e-3, "U_m": 1e-4},
    ("Izhikevich", 0.01): {"V_m": 2e-3, "U_m": 1e-4},
    ("Izhikevich half_steps", 0.1): {"V_m": 6e-3, "U_m": 5e-4},
    ("Izhikevich half_steps", 0.01): {"V_m": 4e-3, "U_m": 5e-4},
}
UPSTROKE_FROM_MV = {"AdEx": -48.0, "Izhikevich": -50.0, "Izhikevich half_steps": -50.0}


def build(case):
    """Return the model and its initial state."""
    given = case["parameters"]
    if case["model"].startswith("Izhikevich"):
        scheme = "euler" if given["consistent_integration"] else "half_steps"
        model = Izhikevich(given["a"], given["b"], given["c"], given["d"], scheme=scheme)
        return model, {"v": given["V_m"], "u": given["U_m"]}
    names = ADEX if case["model"] == "AdEx" else LIF
    parameters = {names[key]: value for key, value in given.items() if key in names}
    return MODELS[case["model"]](**parameters), {}


def run(case, n_steps):
    """Run the model with the inputs of a case."""
    model, initial = build(case)
    dt_ms, n_receptors = case["dt_ms"], len(model.receptors)
    inputs = np.zeros((n_steps, n_receptors), dtype=np.int32)
    trains = zip(case["arriving_ms"].values(), case["weights"], strict=True)
    for receptor, (times, weight) in enumerate(trains):
        steps = np.round(np.array(times) / dt_ms).astype(int)
        column = inputs[:, min(receptor, n_receptors - 1)]
        np.add.at(column, steps[steps < n_steps], round(weight / QUANTUM))
    current = np.zeros(n_steps, dtype=np.float32)
    for start_ms, value in case["current_steps"]:
        current[round(start_ms / dt_ms) :] = value
    alone = Alone(model, 1, dt_ms, initial, quantum=QUANTUM)
    return alone.run(n_steps, inputs, current, tuple(STATE_OF[key] for key in case["samples"]))


@pytest.mark.parametrize(
    "case",
    REFERENCE["cases"],
    ids=lambda case: f"{case['model']} {case['kind']} {case['dt_ms']}".replace(" ", "-"),
)
def test_same_spikes_and_states_as_nest(case):
    dt_ms = case["dt_ms"]
    expected = np.array(case["spike_steps"])[:N_SPIKES]
    result = run(case, int(expected[-1]) + 1)
    assert expected.size == N_SPIKES
    assert result.steps().tolist() == expected.tolist()

    steps = np.array([round(ms / dt_ms) - 1 for ms in case["sample_ms"]])
    used = steps < expected[-1]
    if case["model"] in UPSTROKE_FROM_MV:
        used &= np.array(case["samples"]["V_m"]) < UPSTROKE_FROM_MV[case["model"]]
    assert used.sum() > 30, "enough samples must be left for the test to mean anything"
    for key, bound in BOUNDS.get((case["model"], dt_ms), LINEAR).items():
        reference = np.array(case["samples"][key])[used]
        difference = np.abs(result.states[STATE_OF[key]][steps[used], 0] - reference)
        assert difference.max() < bound, f"{key}: {difference.max()}"
