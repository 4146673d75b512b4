"""Direct currents: what they mean and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.errors import NetworkError
from distsnn.stimuli import Current


def test_constant_and_steps():
    assert Current(pa=300).steps_pa() == ((0.0, 300.0),)
    steps = [(0.0, 0.0), (100.0, 300.0), (100.0, 5.0)]
    assert Current(steps=steps).steps_pa() == tuple(steps)
    assert Current(steps=[]).steps_pa() == ()
    assert Current(steps=iter([(1, 2)])).steps_pa() == ((1.0, 2.0),)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "limit one of them"),
        ({"pa": 1.0, "steps": [(0.0, 1.0)]}, "limit one of them"),
        ({"pa": float("nan")}, "pa: must be a number from -3.40282e+38 to 3.40282e+38, got nan"),
        ({"pa": "1"}, "pa: must be a number from -3.40282e+38 to 3.40282e+38, got '1'"),
        ({"steps": 3.0}, "steps: must be pairs of time in ms and current in pA, got 3"),
        ({"steps": [(1.0, 2.0, 3.0)]}, "must be pairs of time in ms and current in pA"),
        ({"steps": [(-1.0, 2.0)]}, "steps[0] time_ms: must be a number of at least 0, got -1"),
        ({"steps": [(5.0, 2.0), (4.0, 2.0)]}, "steps[1] time_ms: must be a number of"),
        ({"steps": [(0.0, float("inf"))]}, "steps[0] pa: must be a number from"),
        ({"steps": [(0.0, float("nan"))]}, "steps[0] pa: must be a number from"),
        ({"steps": [(float("nan"), 1.0)]}, "steps[0] time_ms: must be a number of at least 0, got nan"),
        ({"steps": [(0.0, 1e39)]}, "steps[0] pa: must be a number from"),
        ({"steps": [(0.0, True)]}, "got True"),
        ({"steps": [(0.0, None)]}, "got None"),
        ({"steps": {0.0: 1.0}}, "must be pairs"),
        ({"steps": np.zeros((2, 3))}, "got an array of float64 with shape (2, 3)"),
        ({"steps": "ab"}, "must be pairs"),
        ({"pa": 1e39}, "got 1e+39"),
        ({"pa": 1e-40}, "must be 0 or a size of at least 1.17549e-38, got 1e-40"),
        ({"pa": [1.0]}, "got [1.0]"),
        ({"pa": False}, "got False"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(NetworkError) as raised:
        Current(**arguments)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
