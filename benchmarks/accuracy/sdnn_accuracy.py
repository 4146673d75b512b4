"""Accuracy of spiking convolutional networks: mean and spread over seeds, and what an image costs.

    python benchmarks/accuracy/sdnn_accuracy.py DATA --preset mnist --hold-out last:10000 [--seeds 3]
    python benchmarks/accuracy/sdnn_accuracy.py FACES --preset faces --hold-out each:150
    python benchmarks/accuracy/sdnn_accuracy.py ETH80 --preset eth80 --folds 'match:obj0{}' 1 2 3 4 5
    mpirun -n 2 python benchmarks/accuracy/sdnn_accuracy.py DATA --replicas 2 ...

No label is used before the linear classifier. Each seed draws its own weights, order of images and
(each:N, share:F) division. With --folds, every seed is tried on every fold, and a seed's accuracy is
the mean over the folds. Every accuracy is of images that nothing was learned from.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.chip import load_chip
from distsnn.cli.sdnn import change
from distsnn.comm import run_program, start
from distsnn.convnet import (
    ImageSet,
    Machine,
    Progress,
    SdnnSettings,
    Training,
    load_images,
    load_preset,
    override,
)
from distsnn.convnet.images.image_set import divide
from distsnn.report.tables import print_table


def parsed() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--preset", default="mnist")
    parser.add_argument("--set", action="append", type=change, default=[])
    parser.add_argument("--hold-out", default="last:10000")
    parser.add_argument(
        "--folds", nargs="+", metavar="HOW", help="a --hold-out with {}, its values"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> int:
    """Train once per seed and fold; print a row for each read-out."""
    options = parsed()
    machine = Machine(start(), load_chip("loihi"), options.replicas)
    base = override(load_preset(options.preset), options.set)
    data = load_images(options.data, "train", base.input.size)
    how = options.folds or [options.hold_out]
    folds = [how[0].replace("{}", value) for value in how[1:]] or how
    began = perf_counter()
    by_seed = []
    for seed in range(base.seed, base.seed + options.seeds):
        settings = override(base, [("seed", str(seed))])
        by_seed.append([trained(settings, data, fold, machine) for fold in folds])
        if machine.is_root:
            accuracies = [next(iter(one["readouts"].values())) for one in by_seed[-1]]
            text = ", ".join(f"{one['held_out']['accuracy']:.2f}" for one in accuracies)
            print(f"seed {seed}: {text} %, {perf_counter() - began:.0f} s so far", flush=True)
    if machine.is_root:
        result = summary(by_seed)
        show(result, options, len(folds))
        if options.json:
            options.json.write_text(json.dumps(result, indent=1) + "\n")
    machine.world.barrier()
    return 0


def trained(settings: SdnnSettings, data: ImageSet, fold: str, machine: Machine) -> dict[str, Any]:
    """Train in a folder that is thrown away; return the report on rank 0."""
    train, held = divide(data, fold, settings.seed)
    with tempfile.TemporaryDirectory() as folder:
        folder = machine.world.broadcast(folder)
        work = Training(settings, train, held, Path(folder), machine, Progress(is_silent=True))
        report = work.run()
        work.network.close()
    return report


def summary(by_seed: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Return mean and spread over seeds for each read-out, and the costs."""
    reports = [one for folds in by_seed for one in folds]
    readouts = {}
    for name, first in reports[0]["readouts"].items():
        of_seed = [
            float(np.mean([one["readouts"][name]["held_out"]["accuracy"] for one in folds]))
            for folds in by_seed
        ]
        readouts[name] = {
            "blocks": first["blocks"],
            "accuracy": float(np.mean(of_seed)),
            "spread": float(np.std(of_seed, ddof=1)) if len(of_seed) > 1 else 0.0,
            "of_seed": of_seed,
        }

    def mean(value: Any) -> float:
        return float(np.mean([value(one) for one in reports]))

    return {
        "readouts": readouts,
        "seconds": {
            name: mean(lambda one, name=name: one["seconds"][name])
            for name in ("learning", "features", "classifiers", "total")
        },
        "spikes_per_sample": mean(lambda one: one["features"]["spikes_per_sample"]),
        "packets_per_sample": mean(lambda one: one["features"]["packets_per_sample"]),
        "joules_per_sample": mean(lambda one: one["features"]["joules_per_sample"]),
        "n_train": mean(lambda one: one["n_train"]),
        "n_ranks": reports[0]["n_ranks"],
    }


def show(result: dict[str, Any], options: argparse.Namespace, n_folds: int) -> None:
    """Print the summary."""
    folds = f", {n_folds} folds" if n_folds > 1 else ""
    rows = [
        (name, " ".join(one["blocks"]), f"{one['accuracy']:.2f} +- {one['spread']:.2f} %",
         " ".join(f"{value:.2f}" for value in one["of_seed"]))
        for name, one in result["readouts"].items()
    ]  # fmt: skip
    print_table(
        f"{options.preset}: {options.seeds} seeds{folds}, {result['n_train']:,.0f} images to learn",
        ("read-out", "", "accuracy", "seeds"), rows,
    )  # fmt: skip
    seconds = result["seconds"]
    parts = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    print_table(
        "cost", ("", ""),
        [("seconds per training", f"{seconds['total']:.1f} ({parts}), {result['n_ranks']} ranks"),
         ("spikes per image", f"{result['spikes_per_sample']:,.0f}"),
         ("packets per image", f"{result['packets_per_sample']:,.0f}"),
         ("energy per image", f"{result['joules_per_sample'] * 1e3:.3g} mJ")],
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(run_program(main))
