"""Packet-hops of the placements, beside a bound that no placement can go below.

    python benchmarks/scaling/placement.py --json placement.json

Per network: expected packet-hops when every neuron spikes once, of ``rows``, ``near`` and ten random
placements; the seconds of ``near``; the bound. --run also simulates each placement and counts what
the mesh really carried between cores.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import Any

from distsnn import load_chip, simulate
from distsnn.mapping import make_plan
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.mapping.placement import PLACEMENTS, place
from distsnn.mapping.placement_cost import least_packet_hops, packet_hops
from distsnn.mesh import Mesh
from distsnn.networks import build_network
from distsnn.report.tables import print_table

NETWORKS: dict[str, dict[str, Any]] = {"microcircuit": {}, "brunel": {}, "loihi": {}}
N_RANDOM = 10


def measure(name: str, run_ms: float) -> dict[str, Any]:
    """Return the packet-hops of one network."""
    network, chip = build_network(name, NETWORKS[name]), load_chip("loihi")
    plan = make_plan(network, chip, "rows", None)
    traffic = packets_per_spike(network, plan.slices, plan.n_blocks)
    mesh = Mesh.of_chip(chip)
    began = perf_counter()
    near = place("near", mesh, plan.n_blocks, network.seed, lambda: traffic)
    near_s = perf_counter() - began
    rows = place("rows", mesh, plan.n_blocks, 0, lambda: traffic)
    at_random = [
        packet_hops(traffic, place("random", mesh, plan.n_blocks, seed, lambda: traffic), mesh)
        for seed in range(N_RANDOM)
    ]
    found: dict[str, Any] = {
        "network": name,
        "blocks": plan.n_blocks,
        "near": packet_hops(traffic, near, mesh),
        "rows": packet_hops(traffic, rows, mesh),
        "random": mean(at_random),
        "bound": least_packet_hops(traffic, mesh),
        "near_s": near_s,
    }
    if run_ms:
        found["carried"] = {placement: carried(name, placement, run_ms) for placement in PLACEMENTS}
    return found


def carried(name: str, placement: str, run_ms: float) -> int:
    """Return the link traversals of a run."""
    result = simulate(build_network(name, NETWORKS[name]), duration_ms=run_ms, placement=placement)
    counters = result.counters
    assert counters is not None
    return int(counters.link_packets.sum())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", choices=[*NETWORKS], default=[*NETWORKS])
    parser.add_argument("--run", type=float, default=0.0, metavar="MS")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [measure(name, options.run) for name in options.networks]
    rows = [
        (
            one["network"], f"{one['blocks']}", f"{one['random']:,.0f}", f"{one['rows']:,.0f}",
            f"{one['near']:,.0f}", f"{one['near_s']:.2f}", f"{one['bound']:,.0f}",
            f"{1 - one['near'] / one['random']:.1%}", f"{one['near'] / one['bound'] - 1:.1%}",
        )
        for one in results
    ]  # fmt: skip
    print_table(
        "packet-hops when every neuron spikes once",
        ("network", "blocks", "random", "rows", "near", "near takes s", "bound",
         "near below random", "near above bound"),
        rows,
    )  # fmt: skip
    for one in results:
        for placement, hops in one.get("carried", {}).items():
            print(f"{one['network']} {placement}: {hops:,} link traversals in {options.run:g} ms")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
