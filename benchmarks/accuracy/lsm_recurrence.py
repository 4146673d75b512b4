"""Does recurrence help? Recall of earlier segments, and memory capacity, with and without it.

python benchmarks/accuracy/lsm_recurrence.py [--seeds 3] [--inputs 400]
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from distsnn.comm import run_program, start
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.memory import memory
from distsnn.liquid.measures.recall import recall
from distsnn.liquid.parameters import InputWiring
from distsnn.liquid.presets import PRESETS
from distsnn.report.tables import print_table
from distsnn.simulation import Settings

PUBLISHED = PRESETS["published"].column
STRONG = {"grid": (15, 6, 6), "recurrence": 2.0}
LIQUIDS = {
    "published column, 135": (PUBLISHED, InputWiring(fan=4, weight_na=18.0), 8),
    "540, weights doubled": (replace(PUBLISHED, **STRONG), InputWiring(fan=4, weight_na=18.0), 8),
    "sounds, 500": (
        PRESETS["sounds"].with_grid((10, 10, 5)).column, PRESETS["sounds"].wiring, 40
    ),
}  # fmt: skip


def mean_and_spread(values: np.ndarray | list[float], digits: int = 0) -> str:
    """Return mean and sample standard deviation as text."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.{digits}f} +- {spread:.{digits}f}"


def main() -> int:
    """Run both tasks for both liquids; print means over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--inputs", type=int, default=400)
    options = parser.parse_args()
    comm = start()
    rows = []
    for name, (column, wiring, n_channels) in LIQUIDS.items():
        right: dict[float, list[list[float]]] = {1.0: [], 0.0: []}
        capacity: dict[str, list[float]] = {}
        for seed in range(1, options.seeds + 1):
            liquid = Liquid(column, wiring, n_channels, seed=seed)
            found = recall(liquid, Settings(), comm, options.inputs)
            remembered = memory(liquid, Settings(), comm)
            for factor, values in (found or {}).items():
                right[factor].append(values)
            for key, curve in (remembered or {"curves": {}})["curves"].items():
                capacity.setdefault(key, []).append(sum(curve))
        if comm.rank == 0:
            for factor, key in ((1.0, "liquid"), (0.0, "weights at zero")):
                cells = [mean_and_spread(values) for values in np.array(right[factor]).T]
                kept = mean_and_spread(capacity[key], 2)
                rows.append([name if factor else "  weights at zero", *cells, kept])
    if comm.rank == 0:
        columns = ["liquid", "segment 1", "2", "3", "4 (last)", "memory capacity"]
        print_table("Recall in percent (chance 50), memory in samples", columns, rows)
    comm.barrier()
    return 0


if __name__ == "__main__":
    raise SystemExit(run_program(main))
