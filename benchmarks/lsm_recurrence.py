"""Does recurrence help? Recall of earlier segments, and memory capacity, with and without it.

python benchmarks/lsm_recurrence.py [--seeds 3] [--inputs 400]
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from distsnn.comm import run_program, start
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures import memory
from distsnn.liquid.parameters import PRESETS, InputWiring
from distsnn.liquid.recall import recall
from distsnn.report.tables import print_table
from distsnn.simulation import Settings

N_LINES = 40
LIQUIDS = {
    "published column, 135": (PRESETS["published"].column, InputWiring(fan=4, weight_na=18.0)),
    "sounds, 500": (
        PRESETS["sounds"].with_grid((10, 10, 5)).column, PRESETS["sounds"].wiring
    ),
}  # fmt: skip


def main() -> int:
    """Run both tasks for both liquids; print means over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--inputs", type=int, default=400)
    options = parser.parse_args()
    comm = start()
    rows = []
    for name, (column, wiring) in LIQUIDS.items():
        right: dict[float, list[list[float]]] = {1.0: [], 0.0: []}
        capacity: dict[str, list[float]] = {}
        for seed in range(1, options.seeds + 1):
            liquid = Liquid(replace(column), wiring, N_LINES, seed=seed)
            found = recall(liquid, Settings(), comm, options.inputs)
            remembered = memory(liquid, Settings(), comm)
            for factor, values in (found or {}).items():
                right[factor].append(values)
            for key, curve in (remembered or {"curves": {}})["curves"].items():
                capacity.setdefault(key, []).append(sum(curve))
        if comm.rank == 0:
            for factor, key in ((1.0, "liquid"), (0.0, "weights at zero")):
                means = np.mean(right[factor], axis=0)
                spread = np.std(capacity[key], ddof=1) if options.seeds > 1 else 0.0
                cells = [f"{value:.1f}" for value in means]
                kept = f"{np.mean(capacity[key]):.2f} +- {spread:.2f}"
                rows.append([name if factor else "  weights at zero", *cells, kept])
    if comm.rank == 0:
        columns = ["liquid", "segment 1", "2", "3", "4 (last)", "memory capacity"]
        print_table("Recall in percent (chance 50), memory in samples", columns, rows)
    comm.barrier()
    return 0


if __name__ == "__main__":
    raise SystemExit(run_program(main))
