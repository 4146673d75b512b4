"""Arrays of the loops over neurons begin at cache lines."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.core.neurons.aligned import aligned_zeros, whole_lines


@pytest.mark.parametrize("dtype", ["f4", "i4", "u1"])
@pytest.mark.parametrize("shape", [3, 4096, (4, 1024), (1, 7)])
def test_arrays_begin_at_a_line_and_are_plain_zeros(shape, dtype):
    for _ in range(20):
        array = aligned_zeros(shape, dtype)
        assert array.ctypes.data % 64 == 0
        assert array.dtype == np.dtype(dtype)
        assert array.shape == np.zeros(shape).shape
        assert array.flags.c_contiguous
        assert not array.any()
        array += 1


def test_whole_lines_hold_at_least_as_much():
    assert [whole_lines(n) for n in (0, 1, 16, 17, 1064)] == [0, 16, 16, 32, 1072]
