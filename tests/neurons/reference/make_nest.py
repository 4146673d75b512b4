"""Write nest.json: what NEST's neuron models do with common inputs.

Run with an interpreter that has NEST (3.10 was used): ``python make_nest.py``. The tests read the
file, so that they need no NEST. Every case is one neuron for 500 ms at dt 0.1 and 0.01 ms:

  current   current steps, no spikes in
  spikes    a constant current, random excitatory and inhibitory spikes in

A spike that "arrives at T" is in the state at the end of the step that begins at T.
"""

from __future__ import annotations

import json
import platform
import random
from pathlib import Path

import nest

DURATION_MS = 500
N_SPIKES = 20  # compared

# model: NEST's model, its parameters, current steps (ms, pA), then weights and current of "spikes"
MODELS = {
    "LifExp": (
        "iaf_psc_exp",
        {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0,
         "tau_syn_ex": 0.5, "tau_syn_in": 2.0},
        [(0, 380.0), (100, 600.0), (200, 0.0), (250, 450.0)], (700.0, -150.0, 400.0),
    ),
    "LifDelta": (
        "iaf_psc_delta",
        {"C_m": 250.0, "tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0},
        [(0, 280.0), (100, 600.0), (200, 0.0), (250, 320.0)], (1.7, -1.1, 260.0),
    ),
    "LifAlpha": (
        "iaf_psc_alpha",
        {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0, "t_ref": 2.0,
         "tau_syn_ex": 2.0, "tau_syn_in": 3.0},
        [(0, 380.0), (100, 600.0), (200, 0.0), (250, 450.0)], (250.0, -80.0, 400.0),
    ),
    "LifCondExp": (
        "iaf_cond_exp",
        {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
         "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0},
        [(0, 150.0), (100, 300.0), (200, 0.0), (250, 200.0)], (6.0, -15.0, 50.0),
    ),
    "LifCondAlpha": (
        "iaf_cond_alpha",
        {"C_m": 250.0, "g_L": 16.6667, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0, "t_ref": 2.0,
         "E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 0.8, "tau_syn_in": 2.0},
        [(0, 280.0), (100, 500.0), (200, 0.0), (250, 350.0)], (12.0, -12.0, 200.0),
    ),
    "AdEx": (
        "aeif_cond_exp",
        {"C_m": 200.0, "g_L": 12.0, "E_L": -70.0, "V_th": -50.0, "Delta_T": 2.0, "a": 2.0,
         "b": 30.0, "tau_w": 100.0, "V_reset": -58.0, "V_peak": 0.0, "t_ref": 0.0, "E_ex": 0.0,
         "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "gsl_error_tol": 1e-10, "w": 0.0,
         "V_m": -70.0},
        [(0, 500.0), (100, 900.0), (200, 0.0), (250, 600.0)], (6.0, -12.0, 350.0),
    ),
    "Izhikevich": (
        "izhikevich",
        {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0, "V_m": -65.0, "U_m": -13.0,
         "consistent_integration": True},
        [(0, 10.0), (100, 20.0), (200, 0.0), (250, 14.0)], (5.0, -4.0, 6.0),
    ),
    "Izhikevich half_steps": (
        "izhikevich",
        {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0, "V_m": -65.0, "U_m": -13.0,
         "consistent_integration": False},
        [(0, 10.0), (100, 20.0), (200, 0.0), (250, 14.0)], (5.0, -4.0, 6.0),
    ),
}  # fmt: skip
RECORDED = {
    "AdEx": ("V_m", "w"),
    "Izhikevich": ("V_m", "U_m"),
    "Izhikevich half_steps": ("V_m", "U_m"),
}


def trains(seed: int) -> dict[str, list[float]]:
    """Return arrival times in ms, multiples of 0.1: excitatory 400/s, inhibitory 150/s."""
    draw = random.Random(seed)
    return {
        name: sorted(round(0.1 * k, 1) for k in draw.sample(range(1, 10 * DURATION_MS - 1), n))
        for name, n in (("excitatory", 200), ("inhibitory", 75))
    }


def run(name: str, dt_ms: float, steps: list, arriving: dict[str, list[float]]) -> dict:
    """Run one neuron; return its spike steps and samples at 2, 4, ... ms."""
    model, parameters, _, (w_e, w_i, _) = MODELS[name]
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": dt_ms})
    start = {"V_m": parameters["E_L"]} if "E_L" in parameters else {}
    neuron = nest.Create(model, params={**start, **parameters})
    for times, weight in zip(arriving.values(), (w_e, w_i), strict=True):
        generator = nest.Create("spike_generator", params={"spike_times": times})
        if name.endswith("half_steps"):
            weight = weight / dt_ms  # there a spike is a current that lasts one step
        nest.Connect(generator, neuron, syn_spec={"weight": weight, "delay": dt_ms})
    recorded = RECORDED.get(name, ("V_m",))
    meter = nest.Create("multimeter", params={"record_from": list(recorded), "interval": 2.0})
    spikes = nest.Create("spike_recorder")
    nest.Connect(meter, neuron, syn_spec={"delay": dt_ms})
    nest.Connect(neuron, spikes, syn_spec={"delay": dt_ms})
    ends = [t for t, _ in steps[1:]] + [DURATION_MS]
    for (start_ms, current), end_ms in zip(steps, ends, strict=True):
        neuron.set({"I_e": current})
        nest.Simulate(float(end_ms - start_ms))
    nest.Simulate(dt_ms)  # so that the sample at the end is written
    events = meter.events
    steps_of = [round(t / dt_ms) - 1 for t in spikes.events["times"]]
    return {
        "spike_steps": [k for k in steps_of if k < round(DURATION_MS / dt_ms)],
        "sample_ms": [round(t) for t in events["times"]],
        "samples": {key: [round(x, 6) for x in events[key]] for key in recorded},
    }


def main() -> None:
    """Run every case and write the file."""
    cases = []
    for number, (name, (model, parameters, steps, weights)) in enumerate(MODELS.items()):
        for kind in ("current", "spikes"):
            used = steps if kind == "current" else [(0, weights[2])]
            arriving = trains(number) if kind == "spikes" else {"excitatory": [], "inhibitory": []}
            for dt_ms in (0.1, 0.01):
                result = run(name, dt_ms, used, arriving)
                n = len(result["spike_steps"])
                print(f"{name:22s} {kind:8s} {dt_ms:5g} ms: {n} spikes")
                if n < N_SPIKES:
                    raise SystemExit(f"{name} {kind}: {n} spikes, at least {N_SPIKES} wanted")
                cases.append({
                    "model": name, "nest_model": model, "parameters": parameters, "kind": kind,
                    "dt_ms": dt_ms, "current_steps": used, "arriving_ms": arriving,
                    "weights": weights[:2], **result,
                })  # fmt: skip
    versions = {"nest": nest.__version__, "python": platform.python_version()}
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    Path(__file__).with_name("nest.json").write_text(text.replace('{"model"', '\n{"model"') + "\n")


if __name__ == "__main__":
    main()
