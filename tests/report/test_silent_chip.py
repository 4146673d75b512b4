"""The chip without a spike: what it updates and its static power, and nothing that was counted."""

from __future__ import annotations

import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifDelta
from distsnn.report.idle_baseline import beside_silent_chip
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson, SpikeSource


def test_a_silent_chip_pays_for_updates_and_time_alone():
    network = Network(dt_ms=1.0, seed=1)
    network.population("lines", 50, SpikeSource([5.0, 9.0], [0, 49], n_sources=50))
    cells = network.population("cells", 200, LifDelta())
    network.connect(cells, cells, FixedInDegree(5), weight=0.1, delay_ms=1.0)
    network.stimulate(cells, Poisson(rate_hz=3000.0, weight=1.0))
    result = simulate(network, duration_ms=100.0, comm=SerialComm(), neurons_per_core=50)
    assert result.counters.in_tile_packets > 100
    energy = load_chip("loihi").energy
    found = beside_silent_chip(result, 2)
    updates = 200 * 100 * energy.neuron_update_active_pj * 1e-12
    silent = updates + 0.1 * energy.static_w
    assert found["silent_energy_j"] == pytest.approx(silent, rel=1e-9)
    assert found["energy_j"] > silent * (1 + 1e-6)
