"""One PyNN script on distsnn and on NEST, in turns: times and rates.

    python benchmarks/peers/pynn_nest.py [--model CUBA|COBA] [--cells 4000] [--ms 1000] [--rounds 3]

The network is that of Vogels & Abbott 2005 in the form of the benchmarks of Brette et al. 2007, J
Comput Neurosci 23:349: 80 % excitatory cells with 80 synapses each, at first driven by random
potentials and a stimulus of 50 ms. Each turn is a process of its own. Needs pyNN and nest-simulator.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

BACKENDS = {"distsnn": "distsnn.pynn", "nest": "pyNN.nest"}
CELL = {
    "tau_m": 20.0, "v_rest": -60.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 5.0,
    "tau_syn_E": 5.0, "tau_syn_I": 10.0, "cm": 0.2,
}  # fmt: skip
# Weights: excitatory, inhibitory, of the stimulus (nA, or uS).
MODELS = {
    "CUBA": ("IF_curr_exp", {"v_rest": -49.0}, (0.0162, -0.09, 0.1)),
    "COBA": ("IF_cond_exp", {"e_rev_E": 0.0, "e_rev_I": -80.0}, (0.004, 0.051, 0.1)),
}


def build(sim: Any, model: str, n_cells: int, seed: int) -> Any:
    """Describe the network; return its cells."""
    name, more, (w_exc, w_inh, w_in) = MODELS[model]
    n_exc = n_cells * 4 // 5
    sim.setup(timestep=0.1, min_delay=0.1, rng_seed=seed)
    cells = sim.Population(n_cells, getattr(sim, name)(**{**CELL, **more}))
    exc, inh = cells[:n_exc], cells[n_exc:]
    rng = sim.NumpyRNG(seed=seed, parallel_safe=True)
    cells.initialize(v=sim.RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
    # 80 synapses for each cell at any size
    connector = sim.FixedProbabilityConnector(min(1.0, 80.0 / n_cells), rng=rng)
    for source, weight, receptor in ((exc, w_exc, "excitatory"), (inh, w_inh, "inhibitory")):
        synapse = sim.StaticSynapse(weight=weight, delay=0.2)
        sim.Projection(source, cells, connector, synapse, receptor_type=receptor)
    drive = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=50.0))
    onto = sim.FixedProbabilityConnector(0.01, rng=rng)
    synapse = sim.StaticSynapse(weight=w_in, delay=0.2)
    sim.Projection(drive, cells, onto, synapse, receptor_type="excitatory")
    cells.record("spikes")
    return cells


def one_turn(backend: str, model: str, n_cells: int, ms: float, seed: int) -> dict[str, float]:
    """Return times in s, and the rate in Hz after the first 100 ms."""
    from importlib import import_module

    sim = import_module(BACKENDS[backend])
    began = perf_counter()
    cells = build(sim, model, n_cells, seed)
    described = perf_counter()
    sim.run(100.0)
    first = perf_counter()
    before = cells.mean_spike_count()
    counted = perf_counter()
    sim.run(ms)
    ended = perf_counter()
    rate_hz = (cells.mean_spike_count() - before) / (ms * 1e-3)
    return {
        "describe": described - began, "first": first - described, "run": ended - counted,
        "rate": rate_hz,
    }  # fmt: skip


def main() -> None:
    """Run the turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(MODELS), default="COBA")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--ms", type=float, default=1000.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--turn", choices=BACKENDS, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.turn:
        turn = one_turn(options.turn, options.model, options.cells, options.ms, options.seed)
        print(json.dumps(turn))
        return
    found: dict[str, list[dict[str, float]]] = {backend: [] for backend in BACKENDS}
    for number in range(options.rounds):
        for backend in BACKENDS:
            command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:]]
            command += ["--turn", backend, "--seed", str(number + 1)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[backend].append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{options.model}, {options.cells} cells, {options.ms:g} ms: medians in s; rates in Hz")
    for backend, turns in found.items():
        times = "  ".join(
            f"{name} {median(turn[name] for turn in turns):8.3f}"
            for name in ("describe", "first", "run")
        )
        rates = " ".join(f"{turn['rate']:.2f}" for turn in turns)
        print(f"{backend:8} {times}  rates {rates}")


if __name__ == "__main__":
    main()
