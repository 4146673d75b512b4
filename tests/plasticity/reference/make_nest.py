"""Write nest.json: final weights of NEST's plastic synapses in the network of random_pairs.py.

Run with an interpreter that has NEST (3.10 was used): ``python make_nest.py``. The tests read the
file, so that they need no NEST. Sources and targets are parrots, which spike when told to: plastic
input at their port 1 does nothing.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

import nest
from random_pairs import (
    CASES,
    DT_MS,
    N_STEPS,
    TAU_MINUS_MS,
    TAU_PLUS_MS,
    TAU_X_MS,
    TAU_Y_MS,
    W_MAX,
    post_trains,
    pre_trains,
    synapses,
)


def parrots(trains: list[list[int]]) -> nest.NodeCollection:
    """Return neurons that spike in the given steps; NEST's time of step s is (s + 1) dt."""
    neurons = nest.Create("parrot_neuron", len(trains))
    for neuron, steps in zip(neurons, trains, strict=True):
        times = [round(step * DT_MS, 1) for step in steps]
        generator = nest.Create("spike_generator", params={"spike_times": times})
        nest.Connect(generator, neuron, syn_spec={"delay": DT_MS})
    return neurons


def run(model: str, parameters: dict[str, float]) -> list[float]:
    """Return the final weights in the order of ``synapses``."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": DT_MS})
    pre, post = parrots(pre_trains()), parrots(post_trains())
    post.set({"tau_minus": TAU_MINUS_MS, "tau_minus_triplet": TAU_Y_MS})
    common = {**parameters, "tau_plus": TAU_PLUS_MS, "Wmax": W_MAX}
    if model == "stdp_triplet_synapse":
        common["tau_plus_triplet"] = TAU_X_MS
    drawn = synapses()
    for i, j, weight, delay in drawn:
        nest.Connect(
            pre[i], post[j], "one_to_one",
            {"synapse_model": model, "weight": weight, "delay": round(delay * DT_MS, 1),
             "receptor_type": 1, **common},
        )  # fmt: skip
    nest.Simulate(N_STEPS * DT_MS)
    found = nest.GetConnections(synapse_model=model).get(["source", "target", "weight"])
    first_pre, first_post = pre[0].global_id, post[0].global_id
    weight_of = {
        (s - first_pre, t - first_post): w
        for s, t, w in zip(found["source"], found["target"], found["weight"], strict=True)
    }
    return [round(weight_of[i, j], 7) for i, j, _, _ in drawn]


def main() -> None:
    """Run every case and write the file."""
    weights = {}
    for name, (model, parameters) in CASES.items():
        weights[name] = run(model, parameters)
        print(f"{name:15s} {model:22s} mean {sum(weights[name]) / len(weights[name]):.4f}")
    versions = {"nest": nest.__version__, "python": platform.python_version()}
    text = json.dumps({"versions": versions, "weights": weights}, separators=(",", ":"))
    Path(__file__).with_name("nest.json").write_text(text.replace("],", "],\n") + "\n")


if __name__ == "__main__":
    main()
