"""The ring: no larger than delays need, whole where there are several, and of no effect on spikes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

import distsnn.core.rank
from distsnn.chip import Chip, load_chip
from distsnn.core.delivery.layout import RingLayout, longest_delay
from distsnn.errors import CapacityError
from distsnn.kernels.formats import MAX_CORES, RING_BITS
from distsnn.mapping import make_plan
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import Compartment, CompartmentTree, LifExp
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


@pytest.mark.parametrize("lid_bits", [3, 10])
def test_more_cores_than_a_table_can_name_are_refused(lid_bits):
    assert RingLayout.choose(lid_bits, 2, MAX_CORES, 4).n_groups(MAX_CORES) >= 1
    message = f"rank: must be at most {MAX_CORES} cores, got {MAX_CORES + 1}. Use more ranks"
    with pytest.raises(CapacityError, match=message):
        RingLayout.choose(lid_bits, 2, MAX_CORES + 1, 4)


def large_cores(n_receptors: int, size: int) -> tuple[Network, Chip]:
    """Return a network, with one model of so many receptors, and a chip with cores of 65,536."""
    plain = load_chip("loihi")
    chip = replace(plain, limits=replace(plain.limits, neurons_per_core=1 << 16))
    network = Network(dt_ms=1.0, seed=2)
    cells = network.population("cells", size, LifExp())
    network.connect(cells, cells, FixedInDegree(3), weight=90.0, delay_ms=2.0)
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=100.0))
    if n_receptors > 2:
        names = [f"part{k}" for k in range(n_receptors)]
        parts = [Compartment(names[0])]
        parts += [Compartment(name, parent) for parent, name in itertools.pairwise(names)]
        network.population("tree", 1, CompartmentTree(tuple(parts)))
    return network, chip


@pytest.mark.parametrize("n_receptors", [2, 4, 16])
def test_a_core_holds_what_the_index_of_a_sum_has_room_for(n_receptors):
    most = (1 << RING_BITS) // n_receptors
    network, chip = large_cores(n_receptors, most + 1)
    assert len(network.populations[-1].model.receptors) == n_receptors
    message = f"core: must be at most {most} neurons with models of {n_receptors} receptors, got"
    with pytest.raises(CapacityError, match=message):
        make_plan(network, chip)
    assert make_plan(network, chip, "rows", most).n_blocks == 2


@pytest.mark.parametrize(("size", "per_core"), [(1 << 15, 1 << 15), (9000, 1 << 14)])
def test_the_largest_cores_give_the_same_bits(size, per_core):
    """15 bits of the index name a neuron and one a receptor: none is left for the delay."""
    network, chip = large_cores(2, size)
    found = simulate(network, duration_ms=20.0, chip=chip, neurons_per_core=per_core)
    assert found.spikes_all.step.size > 500
    spread = simulate(network, duration_ms=20.0, chip=chip, neurons_per_core=1000)
    assert found.digest == spread.digest
