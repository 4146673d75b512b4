"""Vogels' balanced network beside Brian2: rates, CV and weights, second by second.

    python benchmarks/accuracy/balance.py --brian2 PYTHON --scale 1 --seconds 10 --seeds 3

PYTHON: an interpreter that has Brian2. Prints means over seeds, each with another wiring and start.
When inhibition sets in, the network passes from a synchronous to an irregular state, and the mean
weight depends on the moment: with 1,600 excitatory neurons seeds differ by up to 4 %. Ends with exit
code 1 where the means of the last second differ: rates by more than 10 %, CV by more than 0.1, weights
by more than 3 %.
"""

from __future__ import annotations

import argparse
import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np

from distsnn import Simulation

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "vogels_sprekeler.py"
PEER = ROOT / "benchmarks" / "peers" / "vogels_brian2.py"
Rows = list[tuple[float, float, float]]


def ours(scale: float, seconds: int, seed: int) -> Rows:
    """Return rate, CV and mean weight of each second; the first is without learning."""
    network, learned = runpy.run_path(str(EXAMPLE))["build"](scale, seed)
    rows = []
    with Simulation(network) as sim:
        sim.learning(False)
        for _ in range(seconds + 1):
            sim.run(1000.0)
            seen = sim.result().statistics("exc")
            weight = float(sim.weights(learned).mean())
            rows.append((seen.rate_hz, seen.cv_isi or 0.0, weight))
            sim.clear()
            sim.learning(True)
    return rows


def theirs(python: str, scale: float, seconds: int, seed: int) -> Rows:
    """Return the same of Brian2."""
    sizes = ["--scale", str(scale), "--seconds", str(seconds), "--seed", str(seed)]
    command = [python, str(PEER), *sizes]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [tuple(row) for row in json.loads(done.stdout.splitlines()[-1])]


def main() -> int:
    """Print both sides; return 1 where they differ."""
    parser = argparse.ArgumentParser(description="Balanced inhibition beside Brian2")
    parser.add_argument("--brian2", required=True)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    seeds, sizes = range(1, options.seeds + 1), (options.scale, options.seconds)
    our_rows = np.mean([ours(*sizes, seed) for seed in seeds], axis=0)
    other_rows = np.mean([theirs(options.brian2, *sizes, seed) for seed in seeds], axis=0)
    print(
        f"{'second':>6s} {'Hz':>8s} {'Brian2':>8s} {'CV':>6s} {'Brian2':>6s} {'nS':>7s} {'Brian2':>7s}"
    )
    for second, (own, other) in enumerate(zip(our_rows, other_rows, strict=True)):
        (rate, cv, weight), (rate_2, cv_2, weight_2) = own, other
        print(
            f"{second:6d} {rate:8.2f} {rate_2:8.2f} {cv:6.2f} {cv_2:6.2f} {weight:7.3f} {weight_2:7.3f}"
        )
    agree = (
        abs(rate - rate_2) <= 0.1 * rate_2
        and abs(cv - cv_2) <= 0.1
        and abs(weight - weight_2) <= 0.03 * weight_2
    )
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
