"""SANA-FE's own workload: cores of 256 neurons, each with one axon, all firing in every step.

Sources: Boyle et al. 2025, IEEE TCAD (SANA-FE); the random network of TrueNorth of Akopyan et al.
2015, in which a stated share of the axons stays on its own core.
"""

from __future__ import annotations

import numpy as np

PER_CORE = 256
MESH_WIDTH = 64


def targets(n_cores: int, own_share: float = 0.8, seed: int = 1) -> np.ndarray:
    """Return the target of each neuron, numbered core by core: int64 [256 n_cores]."""
    rng = np.random.default_rng(seed)
    n = n_cores * PER_CORE
    core = np.repeat(np.arange(n_cores), PER_CORE)
    far = rng.random(n) >= own_share
    core[far] = rng.integers(0, n_cores, int(far.sum()))
    return core * PER_CORE + rng.integers(0, PER_CORE, n)


def link_loads(n_cores: int, target: np.ndarray) -> dict[tuple[int, int, int, int], int]:
    """Return packets over each directed link in a step, walked one by one, X first, then Y."""
    loads: dict[tuple[int, int, int, int], int] = {}
    for source, end in enumerate(target):
        y, x = divmod(source // PER_CORE, MESH_WIDTH)
        end_y, end_x = divmod(int(end) // PER_CORE, MESH_WIDTH)
        while (x, y) != (end_x, end_y):
            along_x = x != end_x
            dx = (1 if end_x > x else -1) if along_x else 0
            dy = 0 if along_x else (1 if end_y > y else -1)
            to = (x + dx, y + dy)
            link = (x, y, to[0], to[1])
            loads[link] = loads.get(link, 0) + 1
            x, y = to
    return loads
