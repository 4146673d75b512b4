"""One PyNN script on distsnn and on NEST, in turns: times and rates.

    python benchmarks/peers/pynn_nest.py [--model CUBA|COBA] [--cells 4000] [--ms 1000] [--rounds 5]

The network is that of Vogels & Abbott 2005 in the form of the benchmarks of Brette et al. 2007, J
Comput Neurosci 23:349: 80 % excitatory cells with 80 synapses each, at first driven by random
potentials and a stimulus of 50 ms. Each turn is a process of its own, with a seed of its own. Times are
of the processor, which other programs disturb less than those of the clock: import of the backend,
description, first 100 ms with the building, the run of --ms, getting the data, all of the process.
Rates and coefficients of variation are those after the first 100 ms, of cells with at least 5 spikes.
Needs pyNN and nest-simulator.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from statistics import mean, median, stdev
from time import process_time
from typing import Any

STAGES = ("import", "describe", "first", "run", "data")
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
    """Return times in s, the rate in Hz and the mean CV of intervals after the first 100 ms."""
    from importlib import import_module

    marks = [process_time()]
    sim = import_module(BACKENDS[backend])
    marks.append(process_time())
    cells = build(sim, model, n_cells, seed)
    marks.append(process_time())
    sim.run(100.0)
    marks.append(process_time())
    sim.run(ms)
    marks.append(process_time())
    block = cells.get_data()
    marks.append(process_time())
    import numpy as np

    trains = [np.sort(train.magnitude) for train in block.segments[0].spiketrains]
    trains = [train[train > 100.0] for train in trains]
    intervals = [np.diff(train) for train in trains if train.size >= 5]
    cvs = [float(i.std() / i.mean()) for i in intervals]
    times = dict(zip(STAGES, np.diff(marks).tolist(), strict=True))
    rate_hz = sum(train.size for train in trains) / n_cells / (ms * 1e-3)
    return {**times, "rate": rate_hz, "cv": float(np.mean(cvs)), "all": marks[-1]}


def main() -> None:
    """Run the turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(MODELS), default="COBA")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--ms", type=float, default=1000.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turn", choices=BACKENDS, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.turn:
        turn = one_turn(options.turn, options.model, options.cells, options.ms, options.seed)
        print(json.dumps(turn))
        return
    turns: dict[str, list[dict[str, float]]] = {backend: [] for backend in BACKENDS}
    for number in range(options.rounds):
        for backend in BACKENDS:
            command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:]]
            command += ["--turn", backend, "--seed", str(number + 1)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            turns[backend].append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{options.model}, {options.cells} cells, {options.ms:g} ms, {options.rounds} seeds")
    print_table(turns)


def print_table(turns: dict[str, list[dict[str, float]]]) -> None:
    """Print medians of times with their ratio, and mean and scatter of rates and CVs."""
    print(f"{'s':10}" + "".join(f"{backend:>10}" for backend in BACKENDS) + f"{'ratio':>8}")
    for name in (*STAGES, "all"):
        ours, theirs = (median(turn[name] for turn in turns[b]) for b in BACKENDS)
        print(f"{name:10}{ours:10.3f}{theirs:10.3f}{theirs / max(ours, 1e-3):8.1f}")
    # The import of PyNN itself is the same for both.
    ours, theirs = (median(t["all"] - t["import"] for t in turns[b]) for b in BACKENDS)
    print(f"{'no import':10}{ours:10.3f}{theirs:10.3f}{theirs / ours:8.1f}")
    for name in ("rate", "cv"):
        values = [[turn[name] for turn in turns[b]] for b in BACKENDS]
        means = "   ".join(
            f"{b} {mean(v):.3f} +- {stdev(v) if len(v) > 1 else 0.0:.3f} ({min(v):.3f}-{max(v):.3f})"
            for b, v in zip(BACKENDS, values, strict=True)
        )
        print(f"{name:10}{means}")


if __name__ == "__main__":
    main()
