"""Direct currents: what they mean and what they refuse."""

from __future__ import annotations

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
        ({"pa": float("nan")}, "pa is nan"),
        ({"pa": "1"}, "pa is '1', limit a number"),
        ({"steps": 3.0}, "steps is 3.0, limit pairs"),
        ({"steps": [(1.0, 2.0, 3.0)]}, "limit pairs of time in ms and current in pA"),
        ({"steps": [(-1.0, 2.0)]}, "time_ms is -1.0, limit at least 0.0"),
        ({"steps": [(5.0, 2.0), (4.0, 2.0)]}, "time_ms is 4.0, limit at least 5.0"),
        ({"steps": [(0.0, float("inf"))]}, "pa is inf, limit finite"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(NetworkError) as raised:
        Current(**arguments)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
