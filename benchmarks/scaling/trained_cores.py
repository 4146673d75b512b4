"""Cores of trained networks beside the least number, and packet-hops of their placements.

    python benchmarks/scaling/trained_cores.py [--graph cnn_sinabs.nir] [--json FILE]

A dense network of 784-256-10 and a convolutional one of the shapes of the NIR paper's, or that of
--graph, are cut by "limits" and by "patches", with as many neurons as a core of the chip allows and
with fewer. Packets and packet-hops are those when every neuron spikes once. Exits with 1 if a core
exceeds a limit.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from distsnn import (
    Convolution,
    IntegrateFire,
    Matrix,
    Network,
    SpikeSource,
    load_chip,
    nir,
    simulate,
)
from distsnn.chip import Chip
from distsnn.mapping import least_cores, make_plan
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.mapping.placement import place
from distsnn.mapping.placement_cost import least_packet_hops, packet_hops
from distsnn.mesh import Mesh
from distsnn.report.tables import print_table

N_RANDOM = 10
CUTS = ("limits", "patches")


def layers_of(rules: list[Convolution | Matrix]) -> Network:
    """Return layers in turn, behind an input of given spikes."""
    network, n = Network(dt_ms=1.0, seed=1), rules[0].shape[0]
    before = network.population("input", n, SpikeSource([], [], n_sources=n))
    for number, rule in enumerate(rules):
        cells = IntegrateFire(v_threshold_mv=1.0)
        layer = network.population(f"layer{number}", rule.shape[1], cells)
        network.connect(before, layer, rule, delay_ms=1.0)
        before = layer
    return network


def mlp() -> Network:
    """Return 784 inputs, 256 hidden neurons and 10 outputs, densely connected."""
    rng = np.random.default_rng(1)
    return layers_of([Matrix(rng.normal(size=(784, 256))), Matrix(rng.normal(size=(256, 10)))])


def cnn() -> Network:
    """Return the layers of the NIR paper's network for N-MNIST, with random weights."""
    rng = np.random.default_rng(1)
    first = Convolution(rng.normal(size=(16, 2, 5, 5)), (2, 34, 34), stride=2, padding=1)
    second = Convolution(rng.normal(size=(16, 16, 3, 3)), first.output_shape, padding=1)
    # Sums over 2 x 2 and a kernel of 3 x 3 are a kernel of 6 x 6 with stride 2.
    doubled = rng.normal(size=(8, 16, 3, 3)).repeat(2, axis=2).repeat(2, axis=3)
    third = Convolution(doubled, second.output_shape, stride=2, padding=2)
    dense = [Matrix(rng.normal(size=shape)) for shape in ((512, 256), (256, 10))]
    return layers_of([first, second, third, *dense])


def measure(name: str, network: Network, chip: Chip, cut: str, per_core: int) -> dict[str, Any]:
    """Return cores and packet-hops of one network and cut."""
    plan, mesh = make_plan(network, chip, "rows", per_core, cut), Mesh.of_chip(chip)
    traffic = packets_per_spike(network, plan.slices, plan.n_blocks)
    core_of = {
        placement: place(placement, mesh, plan.n_blocks, network.seed, lambda: traffic)
        for placement in ("rows", "near")
    }
    at_random = [
        packet_hops(traffic, place("random", mesh, plan.n_blocks, seed, lambda: traffic), mesh)
        for seed in range(N_RANDOM)
    ]
    usage = simulate(network, duration_ms=1.0, chip=chip, cut=cut, neurons_per_core=per_core).usage
    return {
        "network": name,
        "per_core": per_core,
        "cut": cut,
        "cores": plan.n_blocks,
        "least_cores": least_cores(network, chip),
        "exceeded": len(usage.excesses),
        "packets": float(traffic.sum()),
        "random": mean(at_random),
        "rows": packet_hops(traffic, core_of["rows"], mesh),
        "near": packet_hops(traffic, core_of["near"], mesh),
        "bound": least_packet_hops(traffic, mesh),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", type=Path)
    parser.add_argument("--chip", default="loihi")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chip = load_chip(options.chip)
    convolutional = nir.load(options.graph, weight_bits=8).network if options.graph else cnn()
    most = chip.neurons_per_core
    results = [
        measure(name, network, chip, cut, per_core)
        for name, network, cuts, sizes in (
            ("784-256-10", mlp(), CUTS[:1], (most, 64)),
            (convolutional.name if options.graph else "CNN", convolutional, CUTS, (most, 256)),
        )
        for per_core in sizes
        for cut in cuts
    ]
    rows = [
        (one["network"], f"{one['per_core']:,}", one["cut"], f"{one['cores']}",
         f"{max(one['least_cores'].values())}" if one["per_core"] == most else "",
         f"{one['packets']:,.0f}", f"{one['random']:,.0f}", f"{one['rows']:,.0f}",
         f"{one['near']:,.0f}", f"{one['bound']:,.0f}", f"{1 - one['near'] / one['random']:.1%}")
        for one in results
    ]  # fmt: skip
    print_table(
        "cores, packets and packet-hops when every neuron spikes once",
        ("network", "neurons a core", "cut", "cores", "least", "packets", "random", "rows", "near",
         "bound of hops", "near below random"),
        rows,
    )  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    if any(one["exceeded"] for one in results):
        raise SystemExit("a core exceeds a limit of the chip")


if __name__ == "__main__":
    main()
