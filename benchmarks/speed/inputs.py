"""Cost of input from outside per neuron and step, of one stimulus and of 1,000 onto parts.

    python benchmarks/speed/inputs.py [--repeats N] [--json FILE]

10,000 neurons without synapses, on one process and one thread. Each neuron is driven once: by one
stimulus of the whole population, with a number for all or one for each neuron, or by one of 1,000
stimuli, each of ten neurons. Measured is what the time loop spends on updating more than without
input; of repeats the fastest counts, in turns.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.network import Network, Population
from distsnn.network.views import PopulationView
from distsnn.neurons import LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import (
    CorrelatedPoisson,
    Current,
    NoiseCurrent,
    OuCurrent,
    Poisson,
    Samples,
    SineCurrent,
    WaveformCurrent,
)

N_NEURONS, N_STIMULI = 10_000, 1_000
DT_MS, DURATION_MS = 0.1, 100.0

Make = Callable[[int], Any]  # of the number of neurons, an input
CASES: dict[str, tuple[Make, Make]] = {
    # name: input with a number for all, input with one for each neuron
    "Poisson": (lambda n: Poisson(8e3, 1.0), lambda n: Poisson(np.linspace(4e3, 12e3, n), 1.0)),
    "Poisson 10 Hz": (lambda n: Poisson(10.0, 1.0), lambda n: Poisson(np.linspace(5, 15, n), 1.0)),
    "Poisson over time": (
        lambda n: Poisson(Samples(np.full(200, 8e3)), 1.0),
        lambda n: Poisson(Samples(np.full((200, n), 8e3)), 1.0),
    ),
    "CorrelatedPoisson": (
        lambda n: CorrelatedPoisson(8e3, 0.1, 1.0), lambda n: CorrelatedPoisson(8e3, 0.1, 1.0),
    ),
    "Current": (lambda n: Current(9.0), lambda n: Current(np.linspace(1.0, 9.0, n))),
    "SineCurrent": (
        lambda n: SineCurrent(9.0, 20.0), lambda n: SineCurrent(np.linspace(1.0, 9.0, n), 20.0),
    ),
    "WaveformCurrent": (
        lambda n: WaveformCurrent(np.full(200, 9.0), 1.0),
        lambda n: WaveformCurrent(np.full((200, n), 9.0), 1.0),
    ),
    "NoiseCurrent": (
        lambda n: NoiseCurrent(0.0, 9.0), lambda n: NoiseCurrent(0.0, np.linspace(1.0, 9.0, n)),
    ),
    "OuCurrent": (
        lambda n: OuCurrent(0.0, 9.0, 5.0), lambda n: OuCurrent(0.0, np.linspace(1, 9, n), 5.0),
    ),
}  # fmt: skip


def update_ns(add: Callable[[Network, Population], None]) -> float:
    """Return the nanoseconds per neuron and step of a population with some input."""
    network = Network(dt_ms=DT_MS, seed=1)
    cells = network.population("cells", N_NEURONS, LifExp())
    add(network, cells)
    result = simulate(network, duration_ms=DURATION_MS)
    return float(result.seconds["update"]) / N_NEURONS / result.n_steps * 1e9


def parts(cells: Population) -> list[PopulationView]:
    """Return the neurons in ``N_STIMULI`` parts."""
    size = N_NEURONS // N_STIMULI
    return [cells[k : k + size] for k in range(0, N_NEURONS, size)]


def costs(same: Make, each: Make) -> dict[str, float]:
    """Return the cost of one stimulus, of one by neuron, and of many, beside none."""

    def many(network: Network, cells: Population) -> None:
        for part in parts(cells):
            network.stimulate(part, same(len(part)))

    ways: dict[str, Callable[[Network, Population], Any]] = {
        "none": lambda network, cells: None,
        "one": lambda network, cells: network.stimulate(cells, same(N_NEURONS)),
        "by neuron": lambda network, cells: network.stimulate(cells, each(N_NEURONS)),
        "many": many,
    }
    return {name: update_ns(add) for name, add in ways.items()}


def main() -> None:
    """Measure every kind of input and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    columns = ("one", "by neuron", "many")
    print(f"{'ns per neuron and step':22s} {'one':>8s} {'by neuron':>10s} {N_STIMULI:>8d} ratio")
    rows = []
    for name, (same, each) in CASES.items():
        turns = [costs(same, each) for _ in range(arguments.repeats)]
        best = {way: min(turn[way] for turn in turns) for way in turns[0]}
        one, by_neuron, many = (best[column] - best["none"] for column in columns)
        # many against one: the whole step with input, which also has the neurons' own update
        ratio = best["many"] / max(best["one"], best["by neuron"])
        print(f"{name:22s} {one:8.2f} {by_neuron:10.2f} {many:8.2f} {ratio:5.2f}", flush=True)
        rows.append({"input": name, "none_ns": best["none"], **{c: best[c] for c in columns}})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
