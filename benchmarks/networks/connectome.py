"""A synthetic connectome with the numbers of the fly's brain, as a Parquet table of edges.

    python benchmarks/networks/connectome.py connectome.parquet [--neurons 139000] [--edges 15000000]
    mpirun -n 2 python -m distsnn run connectome.parquet --chips 2x1

Degrees are log-normal, so that few neurons have most edges, and out-degrees and in-degrees of a neuron
are correlated; numbers of synapses per edge are log-normal and at least 1. 30 % of the neurons are
inhibitory: their numbers are negative. Neurons have names of 18 digits.

Numbers: Dorkenwald et al. 2024, Nature 634:124 (139,255 neurons, 15.1 million edges of at least one
synapse, 54.5 million synapses in them: 3.6 a pair); Schlegel et al. 2024, Nature 634:139.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

DEGREE_SIGMA = 1.1  # of the logarithm of degrees
SHARED_SIGMA = 0.8  # of its part that in-degrees and out-degrees have in common
COUNT_MU, COUNT_SIGMA = 0.85, 0.9  # of the logarithm of synapses per edge
INHIBITORY_SHARE = 0.3
FIRST_NAME, N_NAMES = 720_575_940_600_000_000, 60_000_000


def drawn_ends(rng: np.random.Generator, shared: np.ndarray, n_edges: int) -> np.ndarray:
    """Return the neuron at one end of each edge."""
    own = rng.normal(0.0, np.sqrt(DEGREE_SIGMA**2 - SHARED_SIGMA**2), shared.size)
    share = np.exp(shared + own)
    return rng.choice(shared.size, n_edges, p=share / share.sum())


def connectome(n_neurons: int, n_edges: int, seed: int) -> pyarrow.Table:
    """Return the table, at most one edge for each pair of neurons."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, SHARED_SIGMA, n_neurons)
    source, target = (drawn_ends(rng, shared, n_edges) for _ in range(2))
    pairs = np.unique(source.astype(np.int64) * n_neurons + target)
    source, target = np.divmod(rng.permutation(pairs), n_neurons)
    counts = np.maximum(1, np.rint(rng.lognormal(COUNT_MU, COUNT_SIGMA, pairs.size))).astype(int)
    sign = np.where(rng.random(n_neurons) < INHIBITORY_SHARE, -1, 1)
    names = FIRST_NAME + np.sort(rng.choice(N_NAMES, n_neurons, replace=False))
    return pyarrow.table(
        {"pre": names[source], "post": names[target], "weight": counts * sign[source]}
    )


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--neurons", type=int, default=139_000)
    parser.add_argument("--edges", type=int, default=15_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = connectome(options.neurons, options.edges, options.seed)
    parquet.write_table(table, options.file)
    counts = np.abs(table["weight"].to_numpy())
    print(f"{options.file}: {table.num_rows} edges, {counts.mean():.2f} synapses per edge")


if __name__ == "__main__":
    main()
