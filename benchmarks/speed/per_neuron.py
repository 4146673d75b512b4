"""What parameters per neuron cost: equal neurons beside neurons with three drawn parameters.

    python benchmarks/speed/per_neuron.py [--neurons 10000 100000] [--repeats N] [--json FILE]

LifExp without synapses on one process, with a direct current and starting values that differ, alone
and with Poisson input. Both populations run in turns; the ratio is that of the fastest repeats of the
update of neurons, and the median over pairs stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np

from distsnn import Current, LifExp, Network, Normal, Poisson, Simulation, Uniform

DT_MS = 0.1
N_UPDATES = 2e7  # neurons times steps of one repeat
POPULATIONS = {
    "equal": LifExp(),
    "drawn": LifExp(
        tau_m_ms=Normal(10.0, 0.5), v_threshold_mv=Normal(-50.0, 0.5), c_m_pf=Normal(250.0, 10.0)
    ),
}


def built(model: LifExp, n: int, rate_hz: float) -> Simulation:
    """Return a simulation of n neurons of a model, whose spikes are counted alone."""
    network = Network(dt_ms=DT_MS, seed=1)
    cells = network.population("cells", n, model, initial={"v": Uniform(-65.0, -50.0)})
    network.stimulate(cells, Current(pa=450.0))
    if rate_hz:
        network.stimulate(cells, Poisson(rate_hz=rate_hz, weight=20.0))
    network.record_spikes(cells, False)
    return Simulation(network)


def measured(simulation: Simulation, n_steps: int) -> tuple[float, float]:
    """Return ns per neuron and step of updating, and the rate in Hz, of the next steps."""
    result = simulation.run(n_steps * DT_MS).result()
    simulation.clear()
    n = simulation.network.n_neurons
    return result.seconds["update"] / n / n_steps * 1e9, result.statistics("cells").rate_hz


def compared(n: int, rate_hz: float, n_repeats: int) -> dict[str, float]:
    """Return the figures of both populations, run in turns."""
    simulations = {side: built(model, n, rate_hz) for side, model in POPULATIONS.items()}
    n_steps = max(10, round(N_UPDATES / n))
    times: dict[str, list[float]] = {side: [] for side in POPULATIONS}
    rates = {}
    for simulation in simulations.values():
        measured(simulation, n_steps)
    for repeat in range(n_repeats):
        for side in sorted(simulations, reverse=bool(repeat % 2)):
            ns, rates[side] = measured(simulations[side], n_steps)
            times[side].append(ns)
    pairs = np.array(times["drawn"]) / np.array(times["equal"])
    equal, drawn = (min(times[side]) for side in ("equal", "drawn"))
    return {
        "neurons": n, "input_hz": rate_hz, "equal_ns": equal, "drawn_ns": drawn,
        "ratio": drawn / equal, "median_ratio": float(np.median(pairs)),
        "equal_hz": rates["equal"], "drawn_hz": rates["drawn"],
    }  # fmt: skip


def main() -> None:
    """Measure each size with and without input, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    print(
        f"{'neurons':>8s} {'input Hz':>9s} {'equal ns':>9s} {'drawn ns':>9s} {'ratio':>6s} "
        f"{'median':>7s} {'equal Hz':>9s} {'drawn Hz':>9s}"
    )
    rows = []
    for n in arguments.neurons:
        for rate_hz in (0.0, 2000.0):
            row = compared(n, rate_hz, arguments.repeats)
            print(
                f"{n:8d} {rate_hz:9.0f} {row['equal_ns']:9.2f} {row['drawn_ns']:9.2f} "
                f"{row['ratio']:6.2f} {row['median_ratio']:7.2f} {row['equal_hz']:9.1f} "
                f"{row['drawn_hz']:9.1f}",
                flush=True,
            )
            rows.append(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
