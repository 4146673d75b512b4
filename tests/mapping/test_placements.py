"""Every placement of the folder: each block on a core of its own, the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.mapping.placement import DEFAULT_PLACEMENT, PLACEMENTS, place
from distsnn.mesh import Mesh


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_each_block_has_a_core_of_its_own(placement, wrap):
    mesh, rng = Mesh(7, 5, wrap), np.random.default_rng(4)
    traffic = rng.random((20, 20)) * (rng.random((20, 20)) < 0.3)
    cores = place(placement, mesh, 20, 6, lambda: traffic)
    assert cores.dtype == np.int32
    assert np.unique(cores).size == 20
    assert 0 <= cores.min() <= cores.max() < 35
    assert np.array_equal(cores, place(placement, mesh, 20, 6, lambda: traffic))


def test_the_default_is_one_of_them():
    assert DEFAULT_PLACEMENT in PLACEMENTS
