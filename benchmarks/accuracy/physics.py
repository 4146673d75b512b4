"""Published rates: the cortical microcircuit and Brunel's network, over several seeds.

    mpirun -n 2 python benchmarks/accuracy/physics.py --seeds 1 2 3

Prints a table and ends with exit code 1 where a rate is out of bounds. Microcircuit: 1 s after 500 ms
that are dropped; every population within the envelope of published rows, widened by 10 %. Brunel:
state C (g 5, eta 2) within 5 % of 37.7 Hz with CV near 1; state A (g 3, eta 2) above 250 Hz, regular.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from distsnn.comm import start
from distsnn.networks.ready import brunel, microcircuit
from distsnn.simulation import simulate

# Population rates in Hz by source: the model's NEST documentation, the same for older versions, and
# Table 6 of Potjans & Diesmann 2014, Cereb Cortex 24:785.
PUBLISHED = np.array(
    [
        [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829],
        [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523],
        [0.86, 2.80, 4.45, 5.93, 7.59, 8.64, 1.09, 7.88],
    ]
)


def check_microcircuit(comm: object, seeds: list[int], scale: float) -> bool:
    """Return whether the mean over seeds lies in the envelope for every population."""
    rates = []
    for seed in seeds:
        network = microcircuit.build(seed=seed, scale=scale)
        result = simulate(network, duration_ms=1500.0, comm=comm)
        if result.is_root:
            rates.append([result.statistics(n, 500.0).rate_hz for n in microcircuit.NAMES])
            print(
                f"microcircuit seed {seed}: " + " ".join(f"{r:.3f}" for r in rates[-1]), flush=True
            )
    if not rates:
        return True
    mean, low, high = np.mean(rates, axis=0), PUBLISHED.min(0) * 0.9, PUBLISHED.max(0) * 1.1
    inside = (mean >= low) & (mean <= high)
    for name, m, lo, hi, ok in zip(microcircuit.NAMES, mean, low, high, inside, strict=True):
        print(f"  {name:5s} {m:7.3f} Hz, envelope {lo:.3f} to {hi:.3f}: {'ok' if ok else 'OUT'}")
    return bool(inside.all())


def check_brunel(comm: object, seeds: list[int]) -> bool:
    """Return whether the states C and A are as published."""
    fine = True
    for state, g, eta in (("C", 5.0, 2.0), ("A", 3.0, 2.0)):
        found = []
        for seed in seeds:
            result = simulate(brunel.build(g=g, eta=eta, seed=seed), duration_ms=1200.0, comm=comm)
            if result.is_root:
                found.append(result.statistics("exc", 200.0))
        if not found:
            continue
        rate = float(np.mean([one.rate_hz for one in found]))
        cv = float(np.mean([one.cv_isi or 0.0 for one in found]))
        ok = abs(rate / 37.7 - 1) < 0.05 if state == "C" else rate > 250.0 and cv < 0.2
        print(f"Brunel {state}: {rate:.2f} Hz, CV {cv:.2f}: {'ok' if ok else 'OUT'}", flush=True)
        fine &= ok
    return fine


def main() -> int:
    """Check both networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scale", type=float, default=1.0, help="of the microcircuit")
    options = parser.parse_args()
    comm = start()
    fine = check_brunel(comm, options.seeds)
    fine &= check_microcircuit(comm, options.seeds, options.scale)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
