"""Forecasts against closed forms, and against a run where there is one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.chip import load_chip
from distsnn.errors import UsageError
from distsnn.forecast import Forecast, Machine, forecast
from distsnn.mapping import make_plan
from distsnn.network import AllToAll, FixedInDegree, Network, OneToOne
from distsnn.neurons import LifExp

RATE_HZ = 50.0
N_STEPS = 300  # the least that are timed: then nothing of a forecast but its times is by chance


def everyone(n: int = 32 * 64, dt_ms: float = 0.5) -> Network:
    """Return a network in which every neuron reaches every core."""
    network = Network(dt_ms=dt_ms, seed=1)
    cells = network.population("cells", n, LifExp())
    network.connect(cells, cells, AllToAll(), weight=0.1, delay_ms=1.0)
    return network


def of_everyone(n_ranks: int = 32, **more: object) -> Forecast:
    return forecast(
        everyone(), load_chip("loihi"), n_ranks, neurons_per_core=64, rate_hz=RATE_HZ,
        n_steps=N_STEPS, **more,
    )  # fmt: skip


def test_packets_of_a_rank():
    """On 4 of 32 cores: it hears all other neurons and sends each own spike to all other ranks."""
    found = of_everyone(8, rank=0)
    n_own = found.n_neurons
    spikes_of_neuron = RATE_HZ * 0.5e-3
    assert found.packets_received == pytest.approx((2048 - n_own) * spikes_of_neuron, rel=1e-12)
    assert found.partners == 7
    assert found.packets_sent == pytest.approx(7 * n_own * spikes_of_neuron, rel=0.1)
    assert found.bytes_sent == 4 * found.packets_sent
    assert found.mesh_packets == pytest.approx(2048 * 32 * spikes_of_neuron, rel=1e-9)
    assert found.n_synapses == 2048 * n_own
    assert found.steps_per_exchange == 2


def test_messages_and_what_they_cost():
    """On a grid of 16 x 2 ranks: 15 along the row, 1 along the column, each packet sent twice."""
    slow = of_everyone(32, machine=Machine(latency_us=1000.0, bandwidth_gb_s=1e9))
    narrow = of_everyone(32, machine=Machine(latency_us=1e-9, bandwidth_gb_s=0.001))
    assert slow.grid == (16, 2)
    assert slow.messages_per_exchange == 15 + 1
    assert slow.exchange_us == pytest.approx(16 * 1000.0 / 2, rel=1e-6)
    assert narrow.exchange_us == pytest.approx(2 * narrow.bytes_sent / (0.001 * 1e3), rel=1e-6)
    for one in (slow, narrow):
        assert one.step_us == pytest.approx(one.compute_us + one.exchange_us)
        assert one.compute_us == pytest.approx(one.deliver_us + one.update_us + one.send_us)
        assert one.real_time_factor == pytest.approx(one.step_us / 500.0)


def test_expected_packets_follow_the_rule():
    """One to one onto a population that is cut elsewhere: a packet for a spike, none twice."""
    network = Network(dt_ms=1.0, seed=1)
    network.population("first", 40, LifExp())
    a, b = (network.population(name, 600, LifExp()) for name in "ab")
    network.connect(a, b, OneToOne(), weight=1.0, delay_ms=1.0)
    found = forecast(
        network, load_chip("loihi"), 4, neurons_per_core=64, rate_hz=RATE_HZ, n_steps=N_STEPS
    )
    assert found.mesh_packets == pytest.approx(600 * RATE_HZ * 1e-3, rel=1e-9)


def test_balance_is_of_the_mean_to_the_fullest():
    network = Network(dt_ms=1.0, seed=1)
    network.population("cells", 3 * 64, LifExp())
    found = forecast(network, load_chip("loihi"), 2, neurons_per_core=64, n_steps=N_STEPS)
    assert found.balance == pytest.approx(1.5 / 2)
    assert found.n_neurons == 2 * 64


PROGRAM = """
import json
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifExp
from distsnn.simulation import simulate
network = Network(dt_ms=1.0, seed=1)
cells = network.population("cells", 8000, LifExp())
network.connect(cells, cells, FixedInDegree(4000), weight=0.1, delay_ms=2.0)
result = simulate(network, duration_ms=3.0, comm=SerialComm())
print(json.dumps(result.memory_bytes))
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_memory_of_a_run_on_one_rank():
    """32 million synapses, most of the memory: tables, and what building takes beyond them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300, check=True
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    network = Network(dt_ms=1.0, seed=1)
    cells = network.population("cells", 8000, LifExp())
    network.connect(cells, cells, FixedInDegree(4000), weight=0.1, delay_ms=2.0)
    found = forecast(network, load_chip("loihi"), 1, n_steps=3)
    assert found.memory_bytes == pytest.approx(measured, rel=0.3)


@pytest.mark.parametrize("name", ["loihi", "truenorth", "loihi-fitted"])
def test_an_array_of_chips_takes_the_power_of_all(name):
    chip = load_chip(name)
    array = chip.array(3, 2)
    assert (array.width, array.height) == (3 * chip.width, 2 * chip.height)
    assert (array.tile_width, array.tile_height) == (chip.tile_width, chip.tile_height)
    assert array.limits == chip.limits
    if chip.energy.static_w is None:
        assert array.energy == chip.energy
    else:
        assert array.energy.static_w == pytest.approx(6 * chip.energy.static_w)
    assert chip.array(1, 1) is chip


def test_the_plan_is_that_of_a_run():
    chip = load_chip("loihi").array(2, 1)
    network = everyone(200 * 64)
    assert make_plan(network, chip, "rows", 64).n_blocks == 200 > load_chip("loihi").n_cores


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rate_hz": 2000.1}, "forecast: rate_hz: must be a number from 0 to 2000, got 2000.1"),
        ({"rate_hz": float("nan")}, "forecast: rate_hz"),
        ({"rate_hz": -1.0}, "forecast: rate_hz"),
        ({"n_ranks": 0}, "forecast: n_ranks: must be a whole number from 1 to 128, got 0"),
        ({"n_ranks": 129}, "loihi has 128 cores; choose an array of chips"),
        ({"n_ranks": True}, "forecast: n_ranks"),
        ({"rank": 4}, "forecast: rank: must be a whole number from 0 to 3, got 4"),
        ({"n_steps": 2}, "forecast: n_steps: must be a whole number from 3"),
    ],
)
def test_wrong_arguments(wrong, message):
    arguments = {"n_ranks": 4, "n_steps": N_STEPS, "neurons_per_core": 64, **wrong}
    with pytest.raises(UsageError, match=message):
        forecast(everyone(), load_chip("loihi"), **arguments)


@pytest.mark.parametrize(
    "wrong", [{"latency_us": float("nan")}, {"latency_us": -1.0}, {"bandwidth_gb_s": 0.0}]
)
def test_wrong_machines(wrong):
    with pytest.raises(UsageError, match=f"machine: {next(iter(wrong))}: must be a number"):
        Machine(**wrong)


def test_the_least_of_steps_comes_to_an_end():
    assert forecast(everyone(64), load_chip("loihi"), 1, n_steps=3).n_neurons == 64
