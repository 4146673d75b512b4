"""Finds placements: the files of ``placements`` by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np

from distsnn.checks import choice
from distsnn.mesh import Mesh

FOLDER = Path(__file__).parent / "placements"
FILES = {path.stem.rstrip("_"): path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"}
DEFAULT_PLACEMENT = "rows"
# the default first, then in alphabetical order
PLACEMENTS = tuple(sorted(FILES, key=lambda name: (name != DEFAULT_PLACEMENT, name)))


class Placement(Protocol):
    """What a file of ``placements`` defines as ``place``."""

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
