"""The ring: no larger than delays need, whole where there are several, and of no effect on spikes."""

from __future__ import annotations

import itertools

import pytest

import distsnn.core.rank
from distsnn.core.layout import RingLayout, longest_delay
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson


@pytest.mark.parametrize("lid_bits", [4, 8, 10, 12])
@pytest.mark.parametrize("n_receptors", [1, 2, 5])
def test_a_ring_covers_what_delays_need_as_far_as_it_can(lid_bits, n_receptors):
    for n_cores, longest in itertools.product([1, 2, 7, 33, 500], [1, 2, 3, 16, 17, 400]):
        layout = RingLayout.choose(lid_bits, n_receptors, n_cores, longest)
        assert layout.ring_size <= 1 << 16
        slot = 1 << layout.slot_shift
        assert slot >= n_receptors << layout.lid_bits
        assert layout.ring_size == slot * layout.n_slots
        assert layout.n_slots < 2 * longest
        if layout.n_slots < longest:  # then it is as large as it may be
            assert layout.ring_size == 1 << 16
        if layout.n_groups(n_cores) > 1:
            assert layout.ring_size == 1 << 16


def short_delays() -> Network:
    network = Network(dt_ms=0.5, seed=3)
    cells = network.population("cells", 300, LifExp())
    network.connect(cells, cells, FixedInDegree(20), weight=60.0, delay_ms=0.5)
    network.connect(cells, cells, FixedInDegree(20), weight=-70.0, delay_ms=1.5, receptor=1)
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=100.0))
    return network


@pytest.mark.parametrize("neurons_per_core", [1024, 64])
def test_a_larger_ring_changes_no_bit(neurons_per_core, monkeypatch):
    network = short_delays()
    assert longest_delay(network) == 3

    def digest() -> str:
        result = simulate(network, duration_ms=200.0, neurons_per_core=neurons_per_core)
        assert result.spikes_all.step.size > 500
        return result.digest

    small = digest()
    monkeypatch.setattr(distsnn.core.rank, "longest_delay", lambda network: 60)
    assert digest() == small
