"""Chips of the traffic tests."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from distsnn.chip import load_chip

sys.path.append(str(Path(__file__).parents[1] / "mesh"))  # the walker of the mesh tests


@pytest.fixture
def loihi():
    return load_chip("loihi")


@pytest.fixture
def router_per_core(loihi):
    """Loihi's figures, but a router for every core: 16 x 8 tiles of one core."""
    return replace(loihi, name="router-per-core", tile_width=1, tile_height=1)
