"""One packet alone in a step: only the rows of the mesh that it was in are summed, on a torus all."""

import numpy as np
import pytest
from mesh_walker import as_array, walk_all

from distsnn.kernels.mesh.link_loads import count_packets, finish_step, new_differences


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("width", "height"), [(3, 7), (5, 4), (1, 6), (6, 1)])
def test_every_pair_on_its_own(width, height, wrap):
    """The way around the edge is outside the rows between source and target."""
    n_nodes = width * height
    differences = new_differences(1, width, height, wrap=wrap)
    for source in range(n_nodes):
        for target in range(n_nodes):
            loads = np.zeros((1, 4 * n_nodes), dtype=np.int32)
            count_packets(0, np.array([source]), np.array([target]), differences)
            finish_step(0, differences, loads)
            expected = as_array(walk_all([(source, target, 1)], width, height, wrap), width, height)
            assert loads.reshape(4, n_nodes).tolist() == expected, (source, target)
            assert not differences[:, :n_nodes].any(), (source, target)
