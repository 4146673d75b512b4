"""Write brian_linear.json: three models without a counterpart in NEST, in Brian2, with common inputs.

Run with an interpreter that has Brian2 (2.9 was used): ``python make_brian_linear.py``. The tests
read the file, so that they need no Brian2. A spike that "arrives at T" is in the state at the end of
the step that begins at T; where it is a jump of v, it counts before the threshold does. Brian2 counts
the spike's own step as refractory, hence t_ref + dt below.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

import brian2 as b
import numpy as np
from make_brian import trains

DURATION_MS = 500
TREE = {
    "soma": {"parent": None, "c_m_pf": 150.0, "g_l_ns": 10.0, "e_l_mv": -70.0, "tau_syn_ms": 5.0},
    "trunk": {"parent": "soma", "c_m_pf": 80.0, "g_l_ns": 6.0, "e_l_mv": -68.0,
              "coupling_ns": 30.0, "tau_syn_ms": 3.0},
    "tuft": {"parent": "trunk", "c_m_pf": 60.0, "g_l_ns": 4.0, "e_l_mv": -70.0, "coupling_ns": 8.0,
             "tau_syn_ms": 12.0},
}  # fmt: skip
# model: parameters, current steps (ms, pA), weight of each receptor
CASES = {
    "IntegrateFire": (
        {"c_m_pf": 250.0, "v_threshold_mv": 20.037, "v_reset_mv": 2.0, "v_floor_mv": -1.0,
         "t_ref_ms": 2.0},
        [(0, 250.0), (100, 400.0), (200, -150.0), (300, 300.0)], (1.25, -0.75),
    ),
    "LifFloor": (
        {"tau_m_ms": 30.0, "r_m_mohm": 1.0, "e_l_mv": 0.0, "v_threshold_mv": 15.0,
         "v_reset_mv": 13.5, "v_floor_mv": -4.0, "t_ref_ms": 3.0, "tau_syn_e_ms": 3.0,
         "tau_syn_i_ms": 6.0},
        [(0, 14_000.0), (100, 22_000.0), (200, -30_000.0), (300, 16_000.0)], (6.0, -5.0),
    ),
    "CompartmentTree": (
        {"v_threshold_mv": -50.0, "v_reset_mv": -60.0, "t_ref_ms": 2.0, "compartments": TREE},
        [(0, 300.0), (100, 900.0), (200, -200.0), (300, 500.0)], (40.0, 60.0, 70.0),
    ),
}  # fmt: skip


def integrate_fire(p: dict) -> tuple[str, tuple[str, ...], str, str]:
    """Return equations, variables to record, what holds v up, what a spike does."""
    text = f"dv/dt = drive / ({p['c_m_pf']} * ms) : 1 (unless refractory)"
    return (
        text,
        ("v",),
        f"v = clip(v, {p['v_floor_mv']}, inf)",
        "v_post += {w} * not_refractory_post",
    )


def lif_floor(p: dict) -> tuple[str, tuple[str, ...], str, str]:
    """The same for the leaky neuron with a floor; the drive is in pA."""
    text = f"""
    dv/dt = (-(v - {p["e_l_mv"]}) + {p["r_m_mohm"]} * (i_0 + i_1 + 0.001 * drive))
            / ({p["tau_m_ms"]} * ms) : 1 (unless refractory)
    di_0/dt = -i_0 / ({p["tau_syn_e_ms"]} * ms) : 1
    di_1/dt = -i_1 / ({p["tau_syn_i_ms"]} * ms) : 1
    """
    return text, ("v", "i_0", "i_1"), f"v = clip(v, {p['v_floor_mv']}, inf)", "i_{k}_post += {w}"


def tree(p: dict) -> tuple[str, tuple[str, ...], str, str]:
    """The same for coupled compartments; v is the soma's."""
    parts, lines = p["compartments"], []
    voltage = {name: "v" if k == 0 else f"v_{name}" for k, name in enumerate(parts)}
    for k, (name, part) in enumerate(parts.items()):
        flow = f"-{part['g_l_ns']} * ({voltage[name]} - ({part['e_l_mv']})) + i_{k}"
        flow += " + drive" if k == 0 else ""
        for other, joint in parts.items():
            if other == part["parent"] or joint["parent"] == name:
                g = (joint if joint["parent"] == name else part)["coupling_ns"]
                flow += f" + {g} * ({voltage[other]} - {voltage[name]})"
        held = " (unless refractory)" if k == 0 else ""
        lines.append(f"d{voltage[name]}/dt = ({flow}) / ({part['c_m_pf']} * ms) : 1{held}")
        lines.append(f"di_{k}/dt = -i_{k} / ({part['tau_syn_ms']} * ms) : 1")
    return "\n".join(lines), tuple(voltage.values()), "", "i_{k}_post += {w}"


KINDS = {"IntegrateFire": integrate_fire, "LifFloor": lif_floor, "CompartmentTree": tree}


def run(name: str, dt_ms: float, arriving: list[list[float]]) -> dict:
    """Run one neuron; return its spike steps and samples of each variable every 2 ms."""
    p, steps, weights = CASES[name]
    text, recorded, floor, effect = KINDS[name](p)
    b.start_scope()
    b.defaultclock.dt = dt_ms * b.ms
    neuron = b.NeuronGroup(
        1, text + "\ndrive : 1", method="rk4", threshold=f"v >= {p['v_threshold_mv']}",
        reset=f"v = {p['v_reset_mv']}", refractory=(p["t_ref_ms"] + dt_ms) * b.ms,
    )  # fmt: skip
    jumps = "v_post" in effect  # then delivered before the threshold, one step after the source
    if floor:
        neuron.run_regularly(floor, when="groups", order=2)
    neuron.v = p.get("e_l_mv", p["v_reset_mv"])
    if name == "CompartmentTree":
        for variable, part in zip(recorded, p["compartments"].values(), strict=True):
            setattr(neuron, variable, part["e_l_mv"])
    parts = [neuron]
    for k, (times, weight) in enumerate(zip(arriving, weights, strict=True)):
        at = np.array(times) - (dt_ms if jumps else 0.0)
        source = b.SpikeGeneratorGroup(1, np.zeros(len(at), dtype=int), at * b.ms)
        synapses = b.Synapses(source, neuron, on_pre=effect.format(k=k, w=weight))
        synapses.connect()
        if jumps:
            synapses.pre.when, synapses.pre.order = "groups", 1
        parts += [source, synapses]
    every = round(2.0 / dt_ms)
    state = b.StateMonitor(neuron, recorded, record=True, when="end")
    spikes = b.SpikeMonitor(neuron)
    network = b.Network(*parts, state, spikes)
    ends = [start for start, _ in steps[1:]] + [DURATION_MS]
    for (start_ms, value), end_ms in zip(steps, ends, strict=True):
        neuron.drive = value
        network.run((end_ms - start_ms) * b.ms)
    return {
        "spike_steps": [round(float(t / b.ms) / dt_ms) for t in spikes.t],
        "sample_steps": list(range(every - 1, round(DURATION_MS / dt_ms), every)),
        "samples": {
            one: [round(float(x), 6) for x in getattr(state, one)[0][every - 1 :: every]]
            for one in recorded
        },
    }


def main() -> None:
    """Run every case and write the file."""
    cases = []
    for number, (name, (parameters, steps, weights)) in enumerate(CASES.items()):
        arriving = (trains(10 + number) + trains(20 + number))[: len(weights)]
        for dt_ms in (0.1, 0.01):
            result = run(name, dt_ms, arriving)
            print(f"{name:16s} {dt_ms:5g} ms: {len(result['spike_steps'])} spikes")
            cases.append({
                "model": name, "parameters": parameters, "dt_ms": dt_ms, "current_steps": steps,
                "arriving_ms": arriving, "weights": weights, **result,
            })  # fmt: skip
    versions = {"brian2": b.__version__, "python": platform.python_version()}
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    path = Path(__file__).with_name("brian_linear.json")
    path.write_text(text.replace('{"model"', '\n{"model"') + "\n")


if __name__ == "__main__":
    main()
