"""Direct currents: what they mean and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.network import Network
from distsnn.neurons import IntegrateFire, LifDelta
from distsnn.running.building import build_rank
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import Current


def rank_of(network: Network, n_steps: int):
    return build_rank(network, n_steps, load_chip("loihi"), Settings(), SerialComm())


def test_constant_and_steps():
    assert Current(pa=300).steps_pa() == ((0.0, 300.0),)
    steps = [(0.0, 0.0), (100.0, 300.0), (100.0, 5.0)]
    assert Current(steps=steps).steps_pa() == tuple(steps)
    assert Current(steps=[]).steps_pa() == ()
    assert Current(steps=iter([(1, 2)])).steps_pa() == ((1.0, 2.0),)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "must be either pa or steps"),
        ({"pa": 1.0, "steps": [(0.0, 1.0)]}, "must be either pa or steps"),
        ({"pa": float("nan")}, "pa: must be a number that float32 holds, got nan"),
        ({"pa": "1"}, "pa: must be a number that float32 holds, got '1'"),
        ({"steps": 3.0}, "steps: must be pairs of time in ms and current in pA, got 3"),
        ({"steps": [(1.0, 2.0, 3.0)]}, "must be pairs of time in ms and current in pA"),
        ({"steps": [(-1.0, 2.0)]}, "steps[0] time_ms: must be a number of at least 0, got -1"),
        ({"steps": [(5.0, 2.0), (4.0, 2.0)]}, "steps[1] time_ms: must be a number of"),
        ({"steps": [(0.0, float("inf"))]}, "steps[0] pa: must be a number that float32 holds"),
        ({"steps": [(0.0, float("nan"))]}, "steps[0] pa: must be a number that float32 holds"),
        (
            {"steps": [(float("nan"), 1.0)]},
            "steps[0] time_ms: must be a number of at least 0, got nan",
        ),
        ({"steps": [(0.0, 1e39)]}, "steps[0] pa: must be a number that float32 holds"),
        ({"steps": [(0.0, True)]}, "got True"),
        ({"steps": [(0.0, None)]}, "got None"),
        ({"steps": {0.0: 1.0}}, "must be pairs"),
        ({"steps": np.zeros((2, 3))}, "got an array of float64 with shape (2, 3)"),
        ({"steps": "ab"}, "must be pairs"),
        ({"pa": 1e39}, "got 1e+39"),
        ({"pa": 1e-40}, "must be 0 or a size of at least 1.17549e-38, got 1e-40"),
        ({"pa": [[1.0]]}, "got [[1.0]]"),
        ({"pa": []}, "got []"),
        ({"pa": False}, "got False"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(NetworkError) as raised:
        Current(**arguments)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_a_current_was_before_leaves_no_trace():
    """300 pA after a kick of 1e9 pA is 300 pA, and 0 is 0."""
    network = Network(dt_ms=1.0)
    model = LifDelta(tau_m_ms=1.0, c_m_pf=1.0, v_threshold_mv=1e12, v_reset_mv=0.0)
    cells = network.population("cells", 1, model)
    steps = [(0.0, 300.0), (10.0, 1e9), (11.0, 300.0), (60.0, 0.0)]
    network.stimulate(cells, Current(steps=steps))
    network.record(cells, "v")
    v = simulate(network, duration_ms=120.0).traces["cells", "v"][1][:, 0]
    assert v[9] == pytest.approx(300.0, rel=1e-4)
    assert v[59] == pytest.approx(300.0, rel=1e-4)
    assert abs(v[-1]) < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_several_currents_are_the_exact_total_rounded_once(seed):
    rng = np.random.default_rng(seed)
    network = Network(dt_ms=1.0)
    cells = network.population("cells", 3, IntegrateFire(c_m_pf=1.0, v_threshold_mv=1e30))
    other = network.population("other", 2, IntegrateFire(c_m_pf=1.0, v_threshold_mv=1e30))
    network.stimulate(other, Current(7.0))
    expected = np.zeros((40, 4))
    for k in range(4):
        times = np.sort(rng.integers(0, 40, 6))
        sizes = rng.normal(0.0, 10.0 ** rng.integers(-3, 9, 6))
        network.stimulate(cells, Current(steps=list(zip(times.astype(float), sizes, strict=True))))
        for time, size in zip(times, sizes, strict=True):
            expected[time:, k] = size
    state = rank_of(network, 40).state
    pa = state.current
    for t in range(40):
        state.inputs.begin(t)
        flat = state.flat_of(cells.index, 0, cells.size)
        assert (pa[flat] == np.float32(math.fsum(expected[t]))).all()
        assert (pa[state.flat_of(other.index, 0, other.size)] == 7.0).all()


def test_currents_that_float32_cannot_hold_together():
    network = Network()
    cells = network.population("cells", 1, LifDelta())
    network.stimulate(cells, Current(2e38))
    with pytest.raises(NetworkError, match=r"current: must be at most 3.40282e\+38 with the pop"):
        network.stimulate(cells, Current(2e38))
