"""Placements by name: the files of ``placements``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol

import numpy as np

from distsnn.checks import choice
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


def place(
    placement: str, mesh: Mesh, n_blocks: int, seed: int, traffic: Callable[[], np.ndarray]
) -> np.ndarray:
    """Return the core of each block by the placement of that name; see ``Placement``."""
    choice("placement", placement, PLACEMENTS)
    module = import_module(f"distsnn.mapping.placements.{FILES[placement]}")
    by_name: Placement = module.place
    return by_name(mesh, n_blocks, seed, traffic)
