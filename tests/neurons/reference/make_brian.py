"""Write brian.json: what the adaptive neuron's equations give in Brian2 with common inputs.

Run with an interpreter that has Brian2 (2.9 was used): ``python make_brian.py``. The tests read the
file, so that they need no Brian2. A spike that "arrives at T" is in the state at the end of the step
that begins at T. Brian2 counts the spike's own step as refractory, hence t_ref + dt below.
"""

from __future__ import annotations

import json
import platform
import random
from pathlib import Path

import brian2 as b
import numpy as np

DURATION_MS = 500
EQUATIONS = """
dv/dt = (-(v - e_l) / tau_m + (i_e + i_i - w + drive) / c_m) : 1 (unless refractory)
dw/dt = (a * (v - e_l) - w) / tau_w : 1
dtheta/dt = -theta / tau_theta : 1
di_e/dt = -i_e / tau_e : 1
di_i/dt = -i_i / tau_i : 1
drive : 1
"""
NAMES = ("v", "w", "theta")
COMMON = {
    "c_m_pf": 250.0, "tau_m_ms": 20.0, "e_l_mv": -65.0, "v_threshold_mv": -50.0,
    "v_reset_mv": -62.0, "t_ref_ms": 2.0, "tau_syn_e_ms": 5.0, "tau_syn_i_ms": 8.0,
}  # fmt: skip
CASES = {
    "current": {"a_ns": 2.0, "b_pa": 25.0, "tau_w_ms": 120.0, "theta_jump_mv": 0.0,
                "tau_theta_ms": 100.0},
    "threshold": {"a_ns": 0.0, "b_pa": 0.0, "tau_w_ms": 100.0, "theta_jump_mv": 1.5,
                  "tau_theta_ms": 60.0},
    "both": {"a_ns": -1.0, "b_pa": 15.0, "tau_w_ms": 40.0, "theta_jump_mv": 1.0,
             "tau_theta_ms": 150.0},
}  # fmt: skip
STEPS = ((0, 350.0), (100, 700.0), (200, 0.0), (250, 500.0))
WEIGHTS = (60.0, -40.0)


def trains(seed: int) -> list[list[float]]:
    """Return arrival times in ms, multiples of 0.1: excitatory, inhibitory."""
    draw = random.Random(seed)
    last = 10 * DURATION_MS - 1
    return [sorted(round(0.1 * k, 1) for k in draw.sample(range(1, last), n)) for n in (200, 100)]


def run(p: dict, dt_ms: float, arriving: list[list[float]]) -> dict:
    """Run one neuron; time in ms and all else in the parameters' units, as plain numbers."""
    b.start_scope()
    b.defaultclock.dt = dt_ms * b.ms
    names = {
        "e_l": p["e_l_mv"], "c_m": p["c_m_pf"] * b.ms, "a": p["a_ns"], "jump": p["b_pa"],
        "rise": p["theta_jump_mv"],
        "level": p["v_threshold_mv"], "reset": p["v_reset_mv"],
        **{key: p[f"{long}_ms"] * b.ms for key, long in (
            ("tau_m", "tau_m"), ("tau_w", "tau_w"), ("tau_theta", "tau_theta"),
            ("tau_e", "tau_syn_e"), ("tau_i", "tau_syn_i"))},
    }  # fmt: skip
    neuron = b.NeuronGroup(
        1, EQUATIONS, method="rk4", threshold="v >= level + theta", namespace=names,
        reset="v = reset; w += jump; theta += rise", refractory=(p["t_ref_ms"] + dt_ms) * b.ms,
    )  # fmt: skip
    neuron.v = p["e_l_mv"]
    indices = np.repeat([0, 1], [len(arriving[0]), len(arriving[1])])
    source = b.SpikeGeneratorGroup(2, indices, np.concatenate(arriving) * b.ms)
    onto_e = b.Synapses(source, neuron, on_pre=f"i_e_post += {WEIGHTS[0]}")
    onto_e.connect(i=0, j=0)
    onto_i = b.Synapses(source, neuron, on_pre=f"i_i_post += {WEIGHTS[1]}")
    onto_i.connect(i=1, j=0)
    every = round(2.0 / dt_ms)
    state = b.StateMonitor(neuron, NAMES, record=True, when="end")
    spikes = b.SpikeMonitor(neuron)
    network = b.Network(neuron, source, onto_e, onto_i, state, spikes)
    ends = [start for start, _ in STEPS[1:]] + [DURATION_MS]
    for (start_ms, value), end_ms in zip(STEPS, ends, strict=True):
        neuron.drive = value
        network.run((end_ms - start_ms) * b.ms)
    return {
        "spike_steps": [round(float(t / b.ms) / dt_ms) for t in spikes.t],
        "sample_steps": list(range(every - 1, round(DURATION_MS / dt_ms), every)),
        "samples": {
            name: [round(float(x), 6) for x in getattr(state, name)[0][every - 1 :: every]]
            for name in NAMES
        },
    }


def main() -> None:
    """Run every case and write the file."""
    cases = []
    for number, (name, adaptation) in enumerate(CASES.items()):
        for dt_ms in (0.1, 0.01):
            parameters, arriving = {**COMMON, **adaptation}, trains(number)
            result = run(parameters, dt_ms, arriving)
            print(f"{name:10s} {dt_ms:5g} ms: {len(result['spike_steps'])} spikes")
            cases.append({
                "name": name, "parameters": parameters, "dt_ms": dt_ms, "current_steps": STEPS,
                "arriving_ms": arriving, "weights": WEIGHTS, **result,
            })  # fmt: skip
    versions = {"brian2": b.__version__, "python": platform.python_version()}
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    Path(__file__).with_name("brian.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
