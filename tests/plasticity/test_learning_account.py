"""Energy and time of learning in the chip's account of a real run: 120 pJ and 6.1 ns per update."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced
from plasticity.plastic_networks import plastic_network

from distsnn.chip import load_chip
from distsnn.plasticity import PairStdp
from distsnn.simulation import simulate
from distsnn.traffic import MeshTraffic

UPDATE_J, UPDATE_S = 120e-12, 6.1e-9


def test_one_pair_of_spikes():
    """100 synapses from one source onto 100 targets, of which every fourth spikes three times."""
    pre = [np.array([10, 400])]
    post = [np.array([100, 200, 300]) if k % 4 == 0 else np.array([], int) for k in range(100)]
    synapses = (np.zeros(100, int), np.arange(100), np.full(100, 1.0), np.full(100, 3))
    forced = Forced(pre, post, synapses, PairStdp(2.0), threshold_mv=100.0)
    result = forced.run(neurons_per_core=128)
    traffic = MeshTraffic(load_chip("loihi"), result.counters)
    updates_of_step = np.zeros(forced.n_steps)
    updates_of_step[[10, 400]] = 100
    updates_of_step[[100, 200, 300]] = 25
    assert traffic.energy_j["learning"] == pytest.approx(updates_of_step.sum() * UPDATE_J)
    without = MeshTraffic(chip_without_learning(), result.counters)
    assert "learning" not in without.energy_j or not without.energy_j["learning"]
    assert len([piece for piece in result.plan.slices if piece.population == 2]) == 1, "one core"
    more = traffic.step_time.core_s - without.step_time.core_s
    assert more == pytest.approx(updates_of_step * UPDATE_S, abs=1e-15)


def chip_without_learning():
    """Return Loihi with an update that costs nothing."""
    from dataclasses import replace

    chip = load_chip("loihi")
    return replace(
        chip,
        energy=replace(chip.energy, learning_update_pj=0.0),
        time=replace(chip.time, learning_update_ns=0.0),
    )


def test_rules_pay_and_short_term_plasticity_does_not():
    chip = load_chip("loihi")
    found = {}
    for name in ("pair", "products", "depressing"):
        network = plastic_network(name)
        # The second plastic projection of the network is a learning one in every case.
        del network.projections[-1]
        result = simulate(network, duration_ms=20.0)
        traffic = MeshTraffic(chip, result.counters)
        found[name] = traffic.energy_j.get("learning") or 0.0
        assert found[name] == pytest.approx(result.counters.learning_updates * UPDATE_J)
    assert found["pair"] > 0
    assert found["products"] > 0
    assert found["depressing"] == 0
