"""Placements: by name, the files of ``placements``, or of a user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from distsnn.checks import array, choice, must_be
from distsnn.errors import UsageError
from distsnn.mesh import Mesh
from distsnn.named_files import named_files

FILES = named_files("mapping/placements")
PLACEMENTS = tuple(FILES)
DEFAULT_PLACEMENT = "rows"


class Placement(Protocol):
    """The function ``place`` that every file of ``placements`` defines."""

    def __call__(
        self, mesh: Mesh, n_blocks: int, seed: int, traffic: Callable[[], np.ndarray]
    ) -> np.ndarray:
        """Return the core of each block, int32 [n_blocks], each at most once.

        traffic() gives float64 [n_blocks, n_blocks], expected packets from block to block: call it
        only if it is needed, since it takes time.
        """
        ...


OwnPlacement = Placement | np.ndarray | Sequence[int]


def require_placement(subject: str, placement: Any) -> None:
    """Raise UsageError unless ``placement`` is a known name, a function or an array of cores."""
    if isinstance(placement, str):
        choice(subject, placement, PLACEMENTS)
    elif isinstance(placement, type) or not callable(placement):
        array(subject, placement, "i", error=UsageError)


def name_of_placement(placement: str | OwnPlacement) -> str:
    """Return the name of a placement, "own" for one of a user's own."""
    return placement if isinstance(placement, str) else "own"


def place(
    placement: str | OwnPlacement,
    mesh: Mesh,
    n_blocks: int,
    seed: int,
    traffic: Callable[[], np.ndarray],
) -> np.ndarray:
    """Return the core of each block by a placement, int32; see ``Placement``.

    Raises UsageError for cores that the mesh does not have, or that two blocks share.
    """
    require_placement("placement", placement)
    if isinstance(placement, str):
        module = import_module(f"distsnn.mapping.placements.{FILES[placement]}")
        by_name: Placement = module.place
        return by_name(mesh, n_blocks, seed, traffic)
    given = placement(mesh, n_blocks, seed, traffic) if callable(placement) else placement
    last = mesh.n_nodes - 1
    cores = array(
        "placement",
        given,
        "i",
        low=0,
        high=last,
        remedy="Give cores of the chip.",
        error=UsageError,
    )
    if cores.size != n_blocks:
        limit = f"one core for each of {n_blocks} blocks"
        raise UsageError(must_be("placement", limit, cores.size, "Give as many cores."))
    if np.unique(cores).size < n_blocks:
        twice = int(np.flatnonzero(np.bincount(cores) > 1)[0])
        limit = "of different cores"
        raise UsageError(must_be("placement", limit, f"core {twice} twice", "Give each core once."))
    return cores.astype(np.int32)
