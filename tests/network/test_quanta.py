"""Weights as multiples of a common quantum: exact where they can be, safe from overflow."""

from __future__ import annotations

import numpy as np
import pytest
from sampling import FakeModel

from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_SUM
from distsnn.network import AllToAll, ExplicitList, FixedInDegree, LogNormal, Network, Normal
from distsnn.network.draw import draw_quanta
from distsnn.network.weights.quanta import Quanta
from distsnn.stimuli import SpikeSource


def network_of(*weights, rule=None, size=100):
    """Return a network with one projection for each weight, all onto receptor 0."""
    network = Network()
    population = network.population("p", size, FakeModel())
    for weight in weights:
        network.connect(
            population, population, rule or FixedInDegree(10), weight=weight, receptor=0
        )
    return network


def stored(network, projection):
    """Return the weights of a projection as the simulation sees them: quanta and quantum."""
    quantum = Quanta(network).of(projection.target.index, projection.receptor)
    counts = projection.rule.counts(projection.ends, projection.streams(1), 0, 10)
    return draw_quanta(projection, 0, counts, 1, quantum), quantum


@pytest.mark.parametrize("weight", [1.0, 87.8, -351.2, 1e-3, 0.1, 1e30])
def test_one_constant_is_exact_in_float32(weight):
    network = network_of(weight)
    quanta, quantum = stored(network, network.projections[0])
    sums = np.float32(quanta[:3].sum(dtype=np.int64)) * np.float32(quantum)
    assert np.float32(quanta[0]) * np.float32(quantum) == np.float32(weight)
    assert sums == np.float32(3) * np.float32(weight)


@pytest.mark.parametrize(
    "weights", [(87.8, 175.6), (0.1, 0.3, 0.7), (1.5, -1.0, 0.25), (3.0, 0.0, 7.0, -11.0)]
)
def test_commensurable_constants_are_exact(weights):
    network = network_of(*weights)
    for weight, projection in zip(weights, network.projections, strict=True):
        quanta, quantum = stored(network, projection)
        assert (quanta == quanta[0]).all()
        assert quanta[0] * quantum == pytest.approx(weight, rel=1e-12, abs=0)
        assert 16_383 < 32_767 * max(map(abs, weights)) / (32_767 * quantum) <= 32_767


def test_incommensurable_constants_share_the_smallest_error():
    weights = (1.0, np.pi, np.e)
    network = network_of(*weights)
    quantum = Quanta(network).of(0, 0)
    worst = max(abs(round(w / quantum) * quantum - w) / w for w in weights)
    trials = [np.pi / m for m in range(16_384, 32_768)]
    errors = [max(abs(round(w / q) * q - w) / w for w in weights) for q in trials]
    assert worst == pytest.approx(min(errors), rel=1e-9)
    assert worst < 1e-6


@pytest.mark.parametrize("weight", [Normal(87.8, 8.78), Normal(-351.2, 35.12), LogNormal(5, 3)])
def test_distributed_weights_use_all_quanta(weight):
    network = network_of(weight)
    quantum = Quanta(network).of(0, 0)
    largest = max(abs(bound) for bound in weight.bounds())
    assert largest / quantum == pytest.approx(32_767)
    quanta, _ = stored(network, network.projections[0])
    assert np.abs(quanta.astype(int)).max() <= 32_767
    assert quanta.mean() * quantum == pytest.approx(weight.expected(), rel=0.2)


def test_a_constant_beside_a_distribution_stays_exact():
    network = network_of(Normal(87.8, 8.78), 100.0)
    quanta, quantum = stored(network, network.projections[1])
    assert quanta[0] * quantum == pytest.approx(100.0, rel=1e-12)
    assert max(Normal(87.8, 8.78).bounds()) / quantum <= 32_767


def test_listed_weights():
    network = Network()
    population = network.population("p", 4, FakeModel())
    weights = [0.5, -1.0, 0.25, 2.0]
    rule = ExplicitList([0, 1, 2, 3], [3, 0, 0, 1], weights)
    projection = network.connect(population, population, rule, receptor=0)
    quantum = Quanta(network).of(0, 0)
    counts = np.array([2, 1, 0, 1], dtype=np.int32)
    quanta = draw_quanta(projection, 0, counts, 1, quantum)
    assert (quanta * quantum).tolist() == [-1.0, 0.25, 2.0, 0.5]
    assert (draw_quanta(projection, 1, counts[1:], 1, quantum) == quanta[2:]).all()


def test_receptors_and_populations_have_their_own():
    network = Network()
    a, b = (network.population(name, 10, FakeModel()) for name in "ab")
    network.connect(a, b, AllToAll(), weight=1.0)
    network.connect(a, b, AllToAll(), weight=-4.0)
    network.connect(b, a, AllToAll(), weight=16.0)
    quanta = Quanta(network)
    assert [p.receptor for p in network.projections] == [0, 1, 0]
    assert (quanta.of(1, 0), quanta.of(1, 1), quanta.of(0, 0)) == (2**-14, 2**-12, 2**-10)
    assert quanta.of(0, 1) == 1.0


@pytest.mark.parametrize("weight", [1.0, Normal(10.0, 1.0)])
def test_many_synapses_get_fewer_quanta(weight):
    rule = FixedInDegree(1_000_000)
    network = network_of(weight, rule=rule, size=10)
    quantum = Quanta(network).of(0, 0)
    largest = round(max(abs(bound) for bound in network.projections[0].weight.bounds()) / quantum)
    assert MAX_SUM / 4 < largest * 1_000_000 <= MAX_SUM


def test_all_projections_onto_a_receptor_count_together():
    network = network_of(*[1.0] * 8, rule=FixedInDegree(100_000), size=10)
    quantum = Quanta(network).of(0, 0)
    assert round(1.0 / quantum) * 800_000 <= MAX_SUM


def test_repeated_events_of_a_source_count():
    network = Network(dt_ms=1.0)
    source = network.population("s", 2, SpikeSource([1.0] * 50, [0] * 50))
    target = network.population("t", 10, FakeModel())
    network.connect(source, target, FixedInDegree(10_000), weight=1.0)
    assert round(1.0 / Quanta(network).of(1, 0)) * 10_000 * 50 <= MAX_SUM


def test_too_many_synapses_are_an_error():
    network = network_of(1.0, rule=FixedInDegree(2**28), size=2)
    line = r"population p: input of receptor 0 in one step must be .* got 2\.68e"
    with pytest.raises(NetworkError, match=line) as raised:
        Quanta(network)
    assert "\n" not in str(raised.value)


def test_no_weight_at_all():
    network = network_of(0.0)
    quanta, quantum = stored(network, network.projections[0])
    assert quantum == 1.0
    assert not quanta.any()
