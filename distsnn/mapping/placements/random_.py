"""At random, by the seed of the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distsnn.mesh import Mesh

STREAM = 0x706C6163  # of random numbers, apart from all others of the seed


def place(mesh: Mesh, n_blocks: int, seed: int, traffic: Callable[[], np.ndarray]) -> np.ndarray:
    """Return the core of each block, see ``Placement``."""
    order = np.random.Generator(np.random.PCG64([seed, STREAM])).permutation(mesh.n_nodes)
    return order[:n_blocks].astype(np.int32)
