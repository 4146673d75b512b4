"""Stored and computed synapses of convolutions in turns: seconds, events per second and memory.

    python benchmarks/speed/convolution.py --graph cnn_sinabs.nir --data nmnist --json convolution.json
    python benchmarks/speed/convolution.py --side 64 --channels 16

With a graph, its recordings are played; without one, two convolutions of 3 x 3 over images of --side
pixels in each of --channels channels, under Poisson input. Both forms must give the same digest.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from distsnn import Convolution, LifDelta, Network, Poisson, load_chip, nir
from distsnn.comm.serial import SerialComm
from distsnn.report.tables import print_table
from distsnn.running.building import build_rank
from distsnn.running.settings import Settings
from distsnn.simulation import simulate

FORMS = ("stored", "computed")


def in_form(network: Network, form: str) -> Network:
    """Return the network with the synapses of its convolutions in one of the forms."""
    network.projections[:] = [
        replace(projection, is_computed=projection.shares_weights and form == "computed")
        for projection in network.projections
    ]
    return network


def images(side: int, channels: int) -> Network:
    """Return two convolutions in turn, whose neurons spike at some Hz under Poisson input."""
    rng, network = np.random.default_rng(1), Network(dt_ms=1.0, seed=1)
    cells = LifDelta(v_threshold_mv=15.0, v_reset_mv=0.0)
    n = channels * side * side
    layers = [network.population(f"layer{k}", n, cells) for k in range(3)]
    network.stimulate(layers[0], Poisson(rate_hz=2000.0, weight=1.0))
    for source, target in pairwise(layers):
        kernel = rng.normal(0.1, 0.5, (channels, channels, 3, 3))
        rule = Convolution(kernel, (channels, side, side), padding="same")
        network.connect(source, target, rule, delay_ms=1.0)
    return network


def memory_of(network: Network, cut: str, chips: int) -> tuple[int, int]:
    """Return the bytes of the synapses of one rank, and the bytes of axons and their cores."""
    chip = load_chip("loihi").array(chips, chips)
    rank = build_rank(network, 1, chip, Settings(chip, cut=cut), SerialComm())
    table = rank.table
    of_synapses = table.words.nbytes + table.row_pointers.nbytes + rank.computed.n_bytes
    return of_synapses, table.n_bytes - table.words.nbytes - table.row_pointers.nbytes


def once(form: str, options: argparse.Namespace, data: Any) -> dict[str, Any]:
    """Return what one run of a form takes."""
    settings = Settings(load_chip("loihi").array(options.chips, options.chips), cut=options.cut)
    if data is not None:
        loaded = nir.load(options.graph, weight_bits=8)
        in_form(loaded.network, form)
        began = process_time()
        played = nir.run(loaded, data.recordings, settings=settings, comm=SerialComm())
        return {
            "seconds": played.seconds, "all_s": process_time() - began, "digest": played.digest,
            "events": float(played.traffic.activity.synaptic_events),
        }  # fmt: skip
    network = in_form(images(options.side, options.channels), form)
    began = process_time()
    result = simulate(network, duration_ms=options.duration, settings=settings, comm=SerialComm())
    return {
        "seconds": result.simulate_s, "all_s": process_time() - began, "digest": result.digest,
        "events": float(result.counters.synaptic_events.sum()),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--duration", type=float, default=200.0, metavar="MS")
    parser.add_argument("--cut", default="limits")
    parser.add_argument("--chips", type=int, default=1, metavar="SIDE", help="array of chips")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    network, data = None, None
    if options.graph is not None:
        network = nir.load(options.graph, weight_bits=8)
        data = nir.read_folder(
            options.data, network.input_shape, dt_ms=1.0, n_steps=options.steps,
            limit=options.recordings,
        )  # fmt: skip
    measured: dict[str, list[dict[str, Any]]] = {form: [] for form in FORMS}
    for _ in range(options.repeats):
        for form in FORMS:
            measured[form].append(once(form, options, data))
    digests = {run["digest"] for runs in measured.values() for run in runs}
    if len(digests) != 1:
        raise SystemExit(f"stored and computed synapses give different spikes: {digests}")
    report = {form: summary(form, options, measured[form]) for form in FORMS}
    rows = [
        (form, f"{one['least_s']:.3f}", f"{one['median_s']:.3f}", f"{one['all_s']:.2f}",
         f"{one['million_events_per_s']:.0f}", f"{one['synapses_mb']:.2f}", f"{one['axons_mb']:.2f}")
        for form, one in report.items()
    ]  # fmt: skip
    print_table(
        f"convolutions, {options.repeats} turns",
        ("synapses", "least s", "median s", "with building s", "million events/s", "synapses MB",
         "axons MB"),
        rows,
    )  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def summary(form: str, options: argparse.Namespace, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of a form over its repeats."""
    if options.graph is not None:
        network = nir.load(options.graph, weight_bits=8).network
    else:
        network = images(options.side, options.channels)
    synapses, axons = memory_of(in_form(network, form), options.cut, options.chips)
    least = min(run["seconds"] for run in runs)
    return {
        "least_s": least,
        "median_s": median(run["seconds"] for run in runs),
        "all_s": min(run["all_s"] for run in runs),
        "million_events_per_s": runs[0]["events"] / least / 1e6,
        "synapses_mb": synapses / 1e6,
        "axons_mb": axons / 1e6,
        "digest": runs[0]["digest"],
    }


if __name__ == "__main__":
    main()
