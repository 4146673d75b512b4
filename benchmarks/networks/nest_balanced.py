"""The two balanced networks of Brette et al. 2007 in NEST; prints one line of JSON.

    PYTHON_WITH_NEST nest_balanced.py cuba|coba DURATION_MS DISCARD_MS SEED...

Written apart from distsnn's: same parameters, NEST's own models, connections and random numbers.
Per seed the line has, for excitatory and inhibitory cells, every spike's time and sender.
"""

import json
import sys

import nest

MODELS = {
    "cuba": (
        "iaf_psc_exp",
        {"C_m": 200.0, "tau_m": 20.0, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
         "tau_syn_ex": 5.0, "tau_syn_in": 10.0},
        (16.2, -139.5),
    ),
    "coba": (
        "iaf_cond_exp",
        {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
         "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0},
        (6.0, -67.0),
    ),
}  # fmt: skip


def run(name, duration_ms, seed):
    """Run one network; return [times in ms, senders from 0] of exc and inh."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1, "rng_seed": seed, "local_num_threads": 1})
    model, parameters, weights = MODELS[name]
    cells = nest.Create(model, 4000, params=parameters)
    cells.V_m = nest.random.uniform(-60.0, -50.0)
    if name == "coba":  # a Poisson train of its own into each cell
        push = nest.Create("poisson_generator", params={"rate": 100.0, "stop": 50.0})
        nest.Connect(push, cells, syn_spec={"weight": 6.0, "delay": 0.1})
    rule = {"rule": "pairwise_bernoulli", "p": 0.02}
    for part, weight in zip((cells[:3200], cells[3200:]), weights, strict=True):
        nest.Connect(part, cells, rule, {"weight": weight, "delay": 0.1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(duration_ms)
    events = recorder.events
    times = [round(float(t), 1) for t in events["times"]]
    senders = [int(s) - 1 for s in events["senders"]]
    both = list(zip(times, senders, strict=True))
    return [
        [[t for t, s in both if low <= s < high], [s - low for t, s in both if low <= s < high]]
        for low, high in ((0, 3200), (3200, 4000))
    ]


if __name__ == "__main__":
    network, duration, *seeds = sys.argv[1:]
    print(json.dumps([run(network, float(duration), int(seed)) for seed in seeds]))
