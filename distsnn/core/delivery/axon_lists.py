"""Lists of the axons that reach a rank: by core, and their inversion, the cores of each axon."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.kernels.formats import MAX_WORDS


def union(lists: list[np.ndarray]) -> np.ndarray:
    """Return the gids that occur in any of the lists, ascending, uint32."""
    filled = [gids for gids in lists if gids.size]
    if not filled:
        return np.empty(0, dtype=np.uint32)
    return np.unique(np.concatenate(filled))


def cores_of_axons(
    axon_gids: np.ndarray, by_core: list[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn lists of axons by core into lists of cores by axon.

    by_core: for each core, the gids that reach it, ascending, and the number of synapses of each.
    Returns start (uint32 [axons + 1]), core (uint16) and number of synapses (uint32); see
    ``SynapseTable``.
    """
    n_cores_of = np.zeros(axon_gids.size, dtype=np.int64)
    axons = [np.searchsorted(axon_gids, gids) for gids, _ in by_core]
    for axon in axons:
        n_cores_of[axon] += 1
    start = starts_of(n_cores_of)
    core = np.empty(start[-1], dtype=np.uint16)
    n_onto = np.empty(start[-1], dtype=np.uint32)
    cursor = start[:-1].astype(np.int64)
    for core_local, (axon, (_, counts)) in enumerate(zip(axons, by_core, strict=True)):
        at = cursor[axon]
        core[at] = core_local
        n_onto[at] = counts
        cursor[axon] += 1
    return start, core, n_onto


def starts_of(lengths: np.ndarray) -> np.ndarray:
    """Return the start of each of consecutive lists, and the end of the last one, uint32 [lists + 1].

    32 bits rather than 64 because the starts compete with the time loop's data for the caches. Raises
    CapacityError if the lists have more entries than 32 bits address.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    if ends.size and ends[-1] > MAX_WORDS:
        limit = f"at most {MAX_WORDS} pairs of axons and cores"
        raise CapacityError(must_be("rank", limit, int(ends[-1]), "Use more ranks."))
    return np.concatenate([[0], ends]).astype(np.uint32)
