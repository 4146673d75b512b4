"""Lists of the axons that reach each core of a rank, and their inverse, the cores of each axon."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.kernels.formats import MAX_WORDS


def union(lists: list[np.ndarray]) -> np.ndarray:
    """Return the gids that occur in any of the lists, ascending, uint32."""
    non_empty = [gids for gids in lists if gids.size]
    if not non_empty:
        return np.empty(0, dtype=np.uint32)
    return np.unique(np.concatenate(non_empty))


def cores_of_axons(
    axon_gids: np.ndarray, by_core: list[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invert the lists of axons by core into lists of cores by axon.

    by_core: for each core, the gids that reach it, ascending, and the number of synapses of each there.
    Returns ``core_start`` (uint32 [axons + 1]), ``core`` (uint16) and ``n_onto_core`` (uint32) of
    ``SynapseTable``.
    """
    n_cores_of = np.zeros(axon_gids.size, dtype=np.int64)
    axons = [np.searchsorted(axon_gids, gids) for gids, _ in by_core]
    for axon in axons:
        n_cores_of[axon] += 1
    start = starts_of(n_cores_of)
    core = np.empty(start[-1], dtype=np.uint16)
    n_onto = np.empty(start[-1], dtype=np.uint32)
    # Cores are visited in ascending order, so each axon's list is ascending. The cursor is the next
    # free entry of each list; an axon occurs at most once per core.
    cursor = start[:-1].astype(np.int64)
    for core_local, (axon, (_, counts)) in enumerate(zip(axons, by_core, strict=True)):
        entry = cursor[axon]
        core[entry] = core_local
        n_onto[entry] = counts
        cursor[axon] += 1
    return start, core, n_onto


def starts_of(lengths: np.ndarray) -> np.ndarray:
    """Return the start of each of several adjoining lists and the end of the last, uint32 [lists + 1].

    32 rather than 64 bits, because the starts compete with other data of the time loop for the caches.
    Raises CapacityError if the lists together have more entries than 32 bits can address.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    if ends.size and ends[-1] > MAX_WORDS:
        limit = f"at most {MAX_WORDS} pairs of axons and cores"
        raise CapacityError(must_be("rank", limit, int(ends[-1]), "Use more ranks."))
    return np.concatenate([[0], ends]).astype(np.uint32)
