"""Memory of a rank as the network grows with the ranks: the tables of one rank of N, really built.

    python benchmarks/scaling/memory_slope.py --ranks 128 512 2048 8192

One rank owns one core of 1,024 neurons and a million synapses of the network ``loihi``, on ever
larger meshes. Prints bytes of its tables and the growth per doubling.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from distsnn.chip import load_chip
from distsnn.forecast import forecast
from distsnn.networks.ready import loihi


def main() -> None:
    """Build one rank for each size and fit the slope."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranks", type=int, nargs="+", default=[128, 512, 2048, 8192, 16384])
    options = parser.parse_args()
    sizes = []
    for n in options.ranks:
        factor = n // 128
        columns = 1 << (int(math.log2(factor)) // 2)
        chip = load_chip("loihi").array(columns, factor // columns)
        found = forecast(loihi.build(patches=chip.n_cores), chip, n, n_steps=1000)
        sizes.append(found.table_bytes)
        print(
            f"{n:6d} ranks: {found.table_bytes / 1e6:.3f} MB of tables, "
            f"{found.table_bytes / found.n_synapses:.3f} bytes per synapse, "
            f"built in {found.build_s:.2f} s",
            flush=True,
        )
    slope = np.polyfit(np.log2(options.ranks), np.log(sizes), 1)[0]
    print(f"growth per doubling of the ranks: {np.expm1(slope):.2%}")


if __name__ == "__main__":
    main()
