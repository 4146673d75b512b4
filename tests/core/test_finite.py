"""States and weights that are no numbers any more are noticed, and said where."""

from __future__ import annotations

import re

import numpy as np
import pytest

from distsnn.core.finite import EVERY_STEPS
from distsnn.errors import SimulationError
from distsnn.network import AllToAll, FixedInDegree, Network
from distsnn.neurons import LifCondExp, LifExp, LoihiCuba, PoissonNeuron
from distsnn.plasticity import PairStdp, RewardStdp
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

DT_MS = 0.1


def step_in(error: pytest.ExceptionInfo) -> int:
    return int(re.search(r"after step (\d+)", str(error.value)).group(1))


def broken_from(time_ms: float) -> Network:
    """Neurons whose conductance grows beyond float32 soon after a time, beside sound ones."""
    net = Network(dt_ms=DT_MS)
    net.population("sound", 20, LifExp())
    net.population("broken", 7, LifCondExp())
    net.population("whole", 3, LoihiCuba(bias_mantissa=-50))  # -1 has the bits of no float
    net.stimulate("sound", Poisson(5000.0, 50.0))
    net.stimulate("broken", Poisson(90_000.0, 9e36, start_ms=time_ms))
    return net


def test_a_state_that_is_not_finite_ends_the_run_within_a_bounded_number_of_steps():
    begin = 2 * EVERY_STEPS + 100
    with pytest.raises(SimulationError) as raised:
        simulate(broken_from(begin * DT_MS), duration_ms=4 * EVERY_STEPS * DT_MS)
    line = r"population broken, neuron [0-6]: (v|g_e): must be a finite number"
    assert re.match(line, str(raised.value))
    assert raised.value.exit_code == 3
    assert begin < step_in(raised) <= begin + EVERY_STEPS


def test_also_at_the_end_of_a_short_run():
    with pytest.raises(SimulationError) as raised:
        simulate(broken_from(0.0), duration_ms=5.0)
    assert step_in(raised) == 50


@pytest.mark.parametrize("model", [LoihiCuba(bias_mantissa=-50), PoissonNeuron(), LifExp()])
def test_sound_networks_are_left_alone(model):
    net = Network(dt_ms=DT_MS)
    net.population("a", 30, model)
    net.population("b", 30, LifExp(i_offset_pa=500.0))
    net.stimulate("a", Current(-300.0))
    assert simulate(net, duration_ms=(EVERY_STEPS + 10) * DT_MS).spikes("b")[0].size


def test_weights_that_are_not_finite_are_noticed():
    rule = RewardStdp(1.0, a_plus=3e38, a_minus=3e38, rewards=((10.0, 3e38), (40.0, 3e38)))
    net = Network(dt_ms=1.0)
    net.population("a", 10, LifExp(i_offset_pa=800.0))
    net.connect("a", "a", FixedInDegree(5), weight=0.5, plasticity=rule)
    with pytest.raises(SimulationError, match=r"projection a -> a, a synapse onto neuron [0-9]:"):
        simulate(net, duration_ms=200.0)


def test_learning_that_stays_finite_goes_on():
    net = Network(dt_ms=1.0)
    net.population("a", 10, LifExp(i_offset_pa=800.0))
    made = net.connect("a", "a", AllToAll(), weight=0.5, plasticity=PairStdp(1.0))
    net.record_weights(made, every_ms=100.0)
    assert np.isfinite(simulate(net, duration_ms=200.0).weights(made).final).all()
