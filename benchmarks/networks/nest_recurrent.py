"""Published recurrent networks in NEST, written apart from distsnn's.

    PYTHON_WITH_NEST nest_recurrent.py NETWORK DURATION_MS FILE.npz SEED...

NETWORK: cuba or coba (Brette et al. 2007), or brunel:G:ETA (Brunel 2000, model A). Same parameters as
distsnn's, NEST's own models, connections and random numbers. The file has, for each seed S, arrays
``S_exc_steps``, ``S_exc_neurons``, ``S_inh_steps``, ``S_inh_neurons``.
"""

import sys

import nest
import numpy as np

DT_MS = 0.1
LIF = {"V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
BALANCED = {
    "cuba": (
        "iaf_psc_exp",
        {"C_m": 200.0, "tau_m": 20.0, "E_L": -49.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, **LIF},
        (16.2, -139.5),
    ),
    "coba": (
        "iaf_cond_exp",
        {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0,
         "tau_syn_in": 10.0, **LIF},
        (6.0, -67.0),
    ),
}  # fmt: skip
BRUNEL = {"tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0, "V_m": 0.0}


def balanced(name):
    """Build cuba or coba; return the cells and the number of excitatory ones."""
    model, parameters, weights = BALANCED[name]
    cells = nest.Create(model, 4000, params=parameters)
    cells.V_m = nest.random.uniform(-60.0, -50.0)
    if name == "coba":  # a Poisson train of its own into each cell
        push = nest.Create("poisson_generator", params={"rate": 100.0, "stop": 50.0})
        nest.Connect(push, cells, syn_spec={"weight": 6.0, "delay": DT_MS})
    rule = {"rule": "pairwise_bernoulli", "p": 0.02}
    for part, weight in zip((cells[:3200], cells[3200:]), weights, strict=True):
        nest.Connect(part, cells, rule, {"weight": weight, "delay": DT_MS})
    return cells, 3200


def brunel(g, eta):
    """Build Brunel's network; return the cells and the number of excitatory ones."""
    cells = nest.Create("iaf_psc_delta", 12500, params=BRUNEL)
    drive = nest.Create("poisson_generator", params={"rate": 1e4 * eta})  # 1000 at 10 eta Hz
    nest.Connect(drive, cells, syn_spec={"weight": 0.1, "delay": 1.5})
    for part, n, weight in ((cells[:10000], 1000, 0.1), (cells[10000:], 250, -0.1 * g)):
        rule = {"rule": "fixed_indegree", "indegree": n}
        nest.Connect(part, cells, rule, {"weight": weight, "delay": 1.5})
    return cells, 10000


def run(network, duration_ms, seed):
    """Run one network; return the arrays of one seed by name."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": DT_MS, "rng_seed": seed, "local_num_threads": 1})
    name, *numbers = network.split(":")
    built = brunel(*map(float, numbers)) if name == "brunel" else balanced(name)
    cells, n_exc = built
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(duration_ms)
    steps = np.round(np.array(recorder.events["times"]) / DT_MS).astype(int) - 1
    neurons = np.array(recorder.events["senders"], dtype=int) - 1
    is_exc = neurons < n_exc
    return {
        f"{seed}_exc_steps": steps[is_exc],
        f"{seed}_exc_neurons": neurons[is_exc],
        f"{seed}_inh_steps": steps[~is_exc],
        f"{seed}_inh_neurons": neurons[~is_exc] - n_exc,
    }


if __name__ == "__main__":
    chosen, duration, file, *seeds = sys.argv[1:]
    arrays = {}
    for one in seeds:
        arrays.update(run(chosen, float(duration), int(one)))
    np.savez(file, **arrays)
