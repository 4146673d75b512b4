"""Packets by pair of cores, and the energy of runs, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.network import AllToAll, Network, OneToOne
from distsnn.neurons import LifDelta
from distsnn.player import Player, Recording
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import SpikeSource
from distsnn.traffic import account, mean_cost

ENERGY = load_chip("loihi").energy


def relay(times=(1.0, 3.0), lines=(0, 1)) -> Network:
    """Two input lines onto one neuron each, which both excite three more; all spikes pass on."""
    network = Network(dt_ms=1.0, seed=1)
    source = network.population("in", 2, SpikeSource(times, lines, n_sources=2))
    first = network.population("first", 2, LifDelta())
    last = network.population("last", 3, LifDelta())
    network.connect(source, first, OneToOne(), weight=1000.0, delay_ms=1.0)
    network.connect(first, last, AllToAll(), weight=0.001, delay_ms=1.0)
    return network


def test_the_energy_of_a_tiny_network_is_that_of_its_events():
    # Two cores of a row, one tile: 2 lines and 2 neurons on the first, 3 neurons on the second.
    result = simulate(relay(), duration_ms=8.0, neurons_per_core=4, placement=[0, 1])
    pieces = {piece.population: piece.block for piece in result.plan.slices}
    spikes_first = result.spikes("first")[0].size
    assert spikes_first == 2
    parts = result.energy().parts_j
    # 2 spikes of lines at 1 synapse, 2 of neurons at 3; 5 neurons in 8 steps, lines are none.
    assert parts["synaptic_events"] == pytest.approx((2 + 2 * 3) * ENERGY.synaptic_event_pj * 1e-12)
    assert parts["neuron_updates"] == pytest.approx(5 * 8 * ENERGY.neuron_update_active_pj * 1e-12)
    blocks_last = {piece.block for piece in result.plan.pieces_of(2)}
    n_packets = 2 + 2 * len(blocks_last)
    assert parts["within_tile"] == pytest.approx(n_packets * ENERGY.within_tile_pj * 1e-12)
    assert parts["hops"] == 0.0
    assert parts["static"] == pytest.approx(8e-3 * ENERGY.static_w)
    assert result.energy().total_j == pytest.approx(sum(p or 0.0 for p in parts.values()))
    assert result.energy().power_w == pytest.approx(result.energy().total_j / 8e-3)
    assert len(pieces) == 3


def test_packets_between_cores_are_those_of_the_counters():
    result = simulate(
        relay(), duration_ms=8.0, neurons_per_core=1, placement=[0, 9, 30, 5, 77, 4, 2]
    )
    matrix = result.packets_between_cores()
    by_hand = np.zeros((128, 128), np.int64)
    by_hand[0, 30] = by_hand[9, 5] = 1
    for source in (30, 5):
        by_hand[source, [77, 4, 2]] = 1
    assert np.array_equal(matrix.toarray(), by_hand)
    assert matrix.sum() == result.counters.packets
    assert np.array_equal(account("loihi", matrix.toarray()).loads, result.account().loads)


def test_recordings_cost_what_runs_of_them_cost():
    network = relay((), ())
    recordings = [Recording([0], [0], 8), Recording([0, 2, 4], [0, 1, 1], 10), Recording([], [], 4)]
    with Player(network, "in", n_steps=100, most_input=2, settings=Settings(),
                comm=SerialComm()) as player:  # fmt: skip
        costs = player.costs(recordings)
    for cost, recording in zip(costs, recordings, strict=True):
        times = (np.asarray(recording.step) + 1) * 1.0
        alone = simulate(
            relay(times, recording.line), duration_ms=float(recording.n_steps)
        ).energy()
        assert cost.packets == alone.packets
        assert cost.parts_j == pytest.approx(alone.parts_j)
        assert cost.seconds == pytest.approx(alone.seconds)
    mean = mean_cost(costs)
    assert mean.total_j == pytest.approx(np.mean([cost.total_j for cost in costs]))
