"""Accuracy of a NIR graph on event-camera recordings: ideal, and on a chip with fewer and fewer bits.

    python benchmarks/accuracy/nir_events.py GRAPH.nir FOLDER [--bits 8 6 5 4] [--steps 300]
                                             [--recordings N] [--json FILE]     (also under mpirun)

The network cnn_sinabs.nir of the NIR paper's repository with N-MNIST recordings of 300 steps of 1 ms
is what docs/nir.md shows. FOLDER has a sub-folder for each class.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter

import distsnn
from distsnn import nir


def evaluated(options: argparse.Namespace, bits: int | None, data: nir.Labelled | None) -> tuple:
    """Return the report for weights of so many bits, {} on ranks other than 0, and the data."""
    network = nir.load(options.graph, dt_ms=options.dt, reset=options.reset, weight_bits=bits)
    if data is None:
        data = nir.read_folder(
            options.data, network.input_shape, dt_ms=options.dt, n_steps=options.steps,
            limit=options.recordings,
        )  # fmt: skip
    began = perf_counter()
    report = nir.evaluate(network, data, settings=distsnn.Settings(chip=options.chip))
    if report:
        report["wall_s"] = perf_counter() - began
    return report, data


def main() -> None:
    """Evaluate and print a line for each number of bits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--bits", type=int, nargs="*", default=[8, 6, 5, 4])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--recordings", type=int)
    parser.add_argument("--dt", type=float, default=1.0)
    parser.add_argument("--reset", default="value")
    parser.add_argument("--chip", default="loihi")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    reports, data = [], None
    for bits in (None, *options.bits):
        report, data = evaluated(options, bits, data)
        if not report:
            continue
        reports.append(report)
        accuracy, energy = report["accuracy"], report["inference"]["energy_j"]["total"]
        deviations = " ".join(f"{layer['deviation'] or 0.0:+.2%}" for layer in report["layers"])
        print(
            f"{bits or 'file':>4} bits: ideal {accuracy['ideal']:.2%}, chip {accuracy['chip']:.2%}, "
            f"same {accuracy['same_decision']:.2%}, {energy * 1e6:.0f} uJ, spikes {deviations}, "
            f"{report['wall_s']:.1f} s",
            flush=True,
        )
    if options.json and reports:
        options.json.write_text(json.dumps(reports, indent=1))


if __name__ == "__main__":
    main()
