"""The benchmark networks in NEST, for the side-by-side comparison; run by ``compare.py``.

    python nest_networks.py microcircuit --scale 0.1 --duration 500 --threads 2

Prints one JSON object. Sizes, weights and rates are those of the distsnn networks, written down here
a second time in NEST's words so that the two stay independent.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from typing import Any

import nest

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
V0_MEAN = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
V0_SD = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
PROBABILITY = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
PSC_PA = 87.8


def microcircuit(scale: float) -> list[tuple[str, Any]]:
    """Potjans & Diesmann 2014; two synapse models, as one cannot hold it on two threads."""
    parameters = {
        "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "C_m": 250.0, "tau_m": 10.0,
        "tau_syn_ex": 0.5, "tau_syn_in": 0.5, "t_ref": 2.0,
    }  # fmt: skip
    nest.CopyModel("static_synapse", "from_e")
    nest.CopyModel("static_synapse", "from_i")
    populations = []
    for name, size, external, mean, sd in zip(NAMES, SIZES, EXTERNAL, V0_MEAN, V0_SD, strict=True):
        cells = nest.Create("iaf_psc_exp", round(size * scale), parameters)
        cells.V_m = nest.random.normal(mean, sd)
        noise = nest.Create("poisson_generator", params={"rate": 8.0 * external})
        nest.Connect(noise, cells, syn_spec={"weight": PSC_PA, "delay": 0.1})
        populations.append((name, cells))
    for i, (_, target) in enumerate(populations):
        for j, (_, source) in enumerate(populations):
            if PROBABILITY[i][j]:
                full = math.log(1 - PROBABILITY[i][j]) / math.log(1 - 1 / (SIZES[i] * SIZES[j]))
                _connect(source, target, round(full * scale), j, (i, j) == (0, 2))
    return populations


def _connect(source: Any, target: Any, n: int, j: int, doubled: bool) -> None:
    is_inhibitory = j % 2 == 1
    weight = PSC_PA * (2 if doubled else 1) * (-4 if is_inhibitory else 1)
    delay = 0.75 if is_inhibitory else 1.5
    nest.Connect(
        source,
        target,
        {"rule": "fixed_total_number", "N": n},
        {
            "synapse_model": "from_i" if is_inhibitory else "from_e",
            "weight": nest.random.normal(weight, 0.1 * abs(weight)),
            "delay": nest.math.redraw(nest.random.normal(delay, 0.5 * delay), 0.1, 1e9),
        },
    )


def brunel(scale: float) -> list[tuple[str, Any]]:
    """Brunel 2000, g 5, eta 2; an own Poisson train for each neuron."""
    n_e, n_i = round(10000 * scale), round(2500 * scale)
    parameters = {
        "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "tau_m": 20.0, "C_m": 250.0, "t_ref": 2.0,
        "V_m": 0.0,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_delta", n_e, parameters)
    inh = nest.Create("iaf_psc_delta", n_i, parameters)
    c_e, c_i, j_mv = round(1000 * scale), round(250 * scale), 0.1 / scale
    noise = nest.Create("poisson_generator", params={"rate": 2.0 * 1000 * 10.0})
    both = exc + inh
    nest.Connect(noise, both, syn_spec={"weight": 0.1, "delay": 1.5})
    for source, n, weight in ((exc, c_e, j_mv), (inh, c_i, -5.0 * j_mv)):
        rule = {"rule": "fixed_indegree", "indegree": n}
        nest.Connect(source, both, rule, {"weight": weight, "delay": 1.5})
    return [("exc", exc), ("inh", inh)]


def cuba(scale: float) -> list[tuple[str, Any]]:
    """The CUBA benchmark of Brette et al. 2007 (4,000 cells)."""
    parameters = {
        "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "tau_m": 20.0, "C_m": 200.0,
        "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 5.0,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_exp", round(3200 * scale), parameters)
    inh = nest.Create("iaf_psc_exp", round(800 * scale), parameters)
    both = exc + inh
    both.V_m = nest.random.uniform(-60.0, -50.0)
    rule = {"rule": "pairwise_bernoulli", "p": 0.02}
    nest.Connect(exc, both, rule, {"weight": 16.2, "delay": 0.1})
    nest.Connect(inh, both, rule, {"weight": -139.5, "delay": 0.1})
    return [("exc", exc), ("inh", inh)]


NETWORKS = {"microcircuit": microcircuit, "brunel": brunel, "cuba": cuba}


def main() -> None:
    """Build, warm up, simulate; print times and rates."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=sorted(NETWORKS))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--duration", type=float, default=500.0)
    parser.add_argument("--warm-up", type=float, default=100.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.SetKernelStatus(
        {"local_num_threads": options.threads, "resolution": 0.1, "rng_seed": options.seed}
    )
    start = time.perf_counter()
    populations = NETWORKS[options.network](options.scale)
    recorders = []
    for _, cells in populations:
        recorder = nest.Create("spike_recorder", params={"start": options.warm_up})
        nest.Connect(cells, recorder)
        recorders.append(recorder)
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(options.warm_up)
    warm = time.perf_counter()
    nest.Run(options.duration)
    done = time.perf_counter()
    rates = {
        name: recorder.n_events / len(cells) / options.duration * 1e3
        for (name, cells), recorder in zip(populations, recorders, strict=True)
    }
    print(
        json.dumps(
            {
                "simulator": f"NEST {nest.__version__}",
                "network": options.network,
                "scale": options.scale,
                "n_synapses": int(nest.GetKernelStatus("num_connections")),
                "build_s": built - start,
                "simulate_s": done - warm,
                "real_time_factor": (done - warm) / options.duration * 1e3,
                "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "rates_hz": rates,
            }
        )
    )


if __name__ == "__main__":
    main()
