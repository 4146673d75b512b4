"""Accuracy of liquids on recordings: mean and spread over seeds, beside read-outs without a liquid.

    python benchmarks/accuracy/lsm_accuracy.py DATA [--neurons 4000] [--seeds 3] [--json FILE]

DATA: FSDD's recordings (by takes and by new speakers), or N-MNIST as one folder per class
(five folds). Every accuracy is of recordings that the read-out was not trained on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from distsnn.cli.lsm_options import chosen_liquid, chosen_preset
from distsnn.comm import run_program, start
from distsnn.liquid.classify.training import train
from distsnn.liquid.inputs.encoding import encode_with_copies
from distsnn.liquid.inputs.samples import find_samples
from distsnn.liquid.inputs.stimulus import encoder_for
from distsnn.liquid.text import training_report
from distsnn.report.tables import print_table
from distsnn.running.display.progress import PartLines
from distsnn.simulation import Settings


def main() -> int:
    """Train once per seed; print a row for each read-out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--neurons", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    comm = start()
    samples = find_samples(options.data)
    reports = []
    for seed in range(1, options.seeds + 1):
        choices = argparse.Namespace(
            preset=None, grid=None, neurons=options.neurons, set=[], seed=seed, chip=None,
            neurons_per_core=None,
        )  # fmt: skip
        preset = chosen_preset(choices, samples.kind)
        encoder = encoder_for(samples, preset, seed)
        liquid = chosen_liquid(choices, preset, encoder.n_channels, encoder.image)
        shown = PartLines() if comm.rank == 0 else None
        stimuli = encode_with_copies(
            encoder, preset, [item.path for item in samples.items], comm, shown
        )
        copies = comm.n_ranks
        done = train(
            samples, stimuli, liquid, preset, Settings(), comm, replicas=copies, progress=shown
        )
        if done is not None:
            reports.append(training_report(done, preset.dt_ms))
    if comm.rank == 0:
        show(reports, options)
    comm.barrier()
    return 0


def show(reports: list[dict], options: argparse.Namespace) -> None:
    """Print mean and sample standard deviation over seeds, and what a recording costs."""
    first = reports[0]
    rows = []
    for name, scores in first["accuracies"].items():
        cells = []
        for division in scores:
            values = [report["accuracies"][name][division] for report in reports]
            spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
            cells.append(f"{np.mean(values):.2f} +- {spread:.2f}")
        rows.append([name, *cells])
    title = f"{options.data.name}, {options.neurons:,} neurons, {len(reports)} seeds (percent)"
    print_table(title, ["read-out of", *first["accuracies"]["liquid"]], rows)
    costs = [
        [key, f"{np.mean([report[key] for report in reports]):.4g}"]
        for key in (
            "spikes_per_sample", "joules_per_sample", "packets_per_sample", "samples_per_second",
            "times_real_time", "seconds", "cores",
        )
    ]  # fmt: skip
    print_table("per recording, and in all", ["", "mean"], costs)
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(run_program(main))
