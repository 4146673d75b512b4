"""Lines that play given spikes into a chip are no neurons of it: nothing is updated, nothing spikes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network, OneToOne
from distsnn.neurons import LifDelta
from distsnn.rate_sweep import sweep
from distsnn.report.document import document, mesh_traffic
from distsnn.simulation import Result, Settings, simulate
from distsnn.stimuli import SpikeSource

N_LINES, N_CELLS, N_STEPS = 300, 10, 40


def network_with_lines() -> Network:
    """Return few neurons behind many lines, of which one is silent on a core of its own."""
    network = Network(dt_ms=1.0, seed=2)
    rng = np.random.default_rng(1)
    lines = rng.integers(0, N_LINES, 900)
    given = SpikeSource(rng.uniform(1, 30, 900), lines, n_sources=N_LINES, measured=True)
    lines = network.population("lines", N_LINES, given)
    cells = network.population("cells", N_CELLS, LifDelta())
    network.connect(lines, cells, FixedInDegree(40), weight=4.0, delay_ms=2.0)
    network.connect(cells, cells, OneToOne(), weight=0.1, delay_ms=1.0)
    return network


def run(chip: str, comm: object, *, is_recorded: bool = True) -> Result:
    network = network_with_lines()
    network.record_spikes("lines", is_recorded)
    return simulate(network, duration_ms=float(N_STEPS), chip=chip, comm=comm, neurons_per_core=64)


@pytest.mark.parametrize("is_recorded", [True, False])
def test_energy_is_of_neurons_alone(is_recorded):
    result = run("loihi", SerialComm(), is_recorded=is_recorded)
    energy = load_chip("loihi").energy
    traffic = mesh_traffic(result)
    n_spikes = result.statistics("cells").n_spikes
    assert n_spikes > 20
    assert result.statistics("lines").n_spikes > 800
    assert traffic.energy_j["neuron_updates"] == pytest.approx(
        N_CELLS * N_STEPS * energy.neuron_update_active_pj * 1e-12
    )
    assert traffic.activity.spikes == n_spikes
    assert int(result.counters.spikes.sum()) == n_spikes + result.statistics("lines").n_spikes
    assert int(result.counters.neurons.sum()) == N_CELLS + N_LINES
    report = document(result)
    assert report["energy_j"]["neuron_updates"] == traffic.energy_j["neuron_updates"]
    assert {one["name"]: one["most"] for one in report["limits"]}["neurons"] == N_CELLS


def test_step_time_is_of_neurons_alone():
    """The core with lines only does nothing but send."""
    result = run("loihi", SerialComm())
    time = load_chip("loihi").time
    mean_s = mesh_traffic(result).step_time.core_s.mean()
    counters = result.counters
    known_ns = N_CELLS * time.neuron_update_active_ns
    known_ns += counters.most_events_of_step.mean() * time.synaptic_event_ns
    assert mean_s * 1e9 == pytest.approx(known_ns, rel=1e-9)
    assert N_CELLS * time.neuron_update_active_ns < 64 * time.neuron_update_active_ns


def test_spikes_of_lines_cost_no_spike():
    result = run("loihi-fitted", SerialComm())
    n_spikes = result.statistics("cells").n_spikes
    pj = load_chip("loihi-fitted").energy.spike_pj
    assert mesh_traffic(result).energy_j["spikes"] == pytest.approx(n_spikes * pj * 1e-12)


def test_the_digest_does_not_know_of_it():
    counters = run("loihi", SerialComm()).counters
    other = replace(counters, input_lines=None, input_spikes=None)
    assert other.digest() == counters.digest()


def test_footprint_and_sweep():
    network = network_with_lines()
    result = run("loihi", SerialComm())
    assert int(result.footprint.neurons.sum()) == N_CELLS
    found = sweep(network, Settings(chip="loihi", neurons_per_core=64), SerialComm(), [50.0])
    pj = load_chip("loihi").energy.neuron_update_active_pj
    for point in (*found.expected, *found.measured):
        watt = point.energy_j_per_s["neuron_updates"]
        assert watt == pytest.approx(N_CELLS * 1000 * pj * 1e-12)


@pytest.mark.mpi
@pytest.mark.parametrize("is_recorded", [True, False])
def test_on_all_ranks(is_recorded):
    comm = start()
    alone = run("loihi", SerialComm(), is_recorded=is_recorded).counters
    together = run("loihi", comm, is_recorded=is_recorded).counters
    if comm.rank == 0:
        assert together.digest() == alone.digest()
        assert np.array_equal(together.input_lines, alone.input_lines)
        assert np.array_equal(together.input_spikes, alone.input_spikes)


def test_a_sweep_says_how_far_it_is():
    told: list[str] = []
    sweep(network_with_lines(), Settings(), SerialComm(), [20.0, 50.0, 100.0], told.append)
    assert "310 neurons" in told[0]
    assert "at 3 rates" in told[0]
    assert "20 Hz, 1 of 3" in told[1]
    assert told[1].endswith("left")
    assert told[2].endswith("left")
    assert told[3].startswith("100 Hz, 3 of 3")
    assert "left" not in told[3]
