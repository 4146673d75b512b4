"""The cut to limits: every neuron once, no core beyond a limit, near the least number of cores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import CapacityError
from distsnn.mapping import least_cores, make_plan
from distsnn.network import AllToAll, ExplicitList, FixedInDegree, Network
from distsnn.neurons import LifDelta
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson, SpikeSource

CHIP = load_chip("loihi")


def mlp() -> Network:
    network = Network(dt_ms=1.0, seed=3)
    sizes = {"hidden": 256, "out": 10}
    before = network.population("in", 784, SpikeSource([1.0], [0], n_sources=784))
    for name, size in sizes.items():
        layer = network.population(name, size, LifDelta())
        network.connect(before, layer, AllToAll(), weight=1.0, delay_ms=1.0)
        before = layer
    return network


def cnn() -> Network:
    """A 3 x 3 convolution of 32 x 32 pixels to 8 channels, then 10 dense outputs."""
    network = Network(dt_ms=1.0, seed=4)
    image = network.population("in", 1024, SpikeSource([1.0], [0], n_sources=1024))
    conv = network.population("conv", 8 * 900, LifDelta())
    channel, y, x, dy, dx = np.ix_(range(8), range(30), range(30), range(3), range(3))
    post = np.broadcast_to((channel * 30 + y) * 30 + x, (8, 30, 30, 3, 3)).ravel()
    pre = np.broadcast_to((y + dy) * 32 + x + dx + 0 * channel, (8, 30, 30, 3, 3)).ravel()
    network.connect(image, conv, ExplicitList(pre, post), weight=1.0, delay_ms=1.0)
    out = network.population("out", 10, LifDelta())
    network.connect(conv, out, AllToAll(), weight=1.0, delay_ms=1.0)
    return network


def random_network(seed: int) -> Network:
    network = Network(dt_ms=1.0, seed=seed)
    rng = np.random.default_rng(seed)
    made = [network.population(f"p{k}", int(rng.integers(50, 900)), LifDelta()) for k in range(4)]
    for population in made:
        network.stimulate(population, Poisson(rate_hz=2000.0, weight=3.0))
    for source in made:
        for target in made:
            k = int(rng.integers(1, 120))
            delay_ms = float(rng.integers(1, 5))
            network.connect(source, target, FixedInDegree(k), weight=0.1, delay_ms=delay_ms)
    return network


def wide_chip():
    """Loihi with 4 times the axons in, for the dense outputs of 7,200 neurons."""
    return replace(CHIP, limits=replace(CHIP.limits, axons_in_per_core=16384))


NETWORKS = {
    "mlp": (mlp, CHIP, 2),
    "cnn": (cnn, wide_chip(), 3),
    "random": (lambda: random_network(1), CHIP, 2),
    "small axons": (lambda: random_network(2), replace(
        CHIP, limits=replace(CHIP.limits, axons_in_per_core=1500, axons_out_per_core=2600)
    ), 8),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_no_core_exceeds_a_limit_and_few_cores_are_used(name):
    build, chip, factor = NETWORKS[name]
    network = build()
    result = simulate(network, duration_ms=2.0, chip=chip, cut="limits", strict=True)
    assert not result.usage.exceeded
    for population in network.populations:
        pieces = result.plan.pieces_of(population.index)
        ends = [0, *(piece.stop for piece in pieces)]
        assert [piece.start for piece in pieces] == ends[:-1]
        assert ends[-1] == population.size
    bound = max(least_cores(network, chip).values())
    assert bound <= result.plan.n_blocks <= factor * bound


def test_the_cut_by_neurons_exceeds_what_the_cut_to_limits_keeps():
    assert simulate(mlp(), duration_ms=1.0).usage.exceeded
    assert not simulate(mlp(), duration_ms=1.0, cut="limits").usage.exceeded


def test_the_cut_changes_no_spike():
    by_neurons = simulate(random_network(5), duration_ms=20.0)
    assert by_neurons.counters.packets > 0
    assert simulate(random_network(5), duration_ms=20.0, cut="limits").digest == by_neurons.digest


def test_excesses_are_listed_by_core():
    usage = simulate(mlp(), duration_ms=1.0).usage
    by_hand = [
        (int(core), limit.name, int(used), limit.limit)
        for limit in usage.exceeded
        for core, used in zip(usage.core_ids, limit.used, strict=True)
        if used > limit.limit
    ]
    assert sorted((e.core_id, e.name, e.used, e.limit) for e in usage.excesses) == sorted(by_hand)


@pytest.mark.mpi
@pytest.mark.parametrize("name", ["random", "mlp"])
def test_the_plan_is_the_same_on_ranks(name):
    comm = start()
    build, chip, _ = NETWORKS[name]
    options = {"duration_ms": 20.0, "chip": chip, "cut": "limits", "placement": "near"}
    alone = simulate(build(), comm=SerialComm(), **options)
    result = simulate(build(), comm=comm, **options)
    assert result.plan.slices == alone.plan.slices
    assert np.array_equal(result.plan.core_of_block, alone.plan.core_of_block)
    if comm.rank == 0:
        assert result.counters.packets > 0
        assert result.digest == alone.digest
        assert result.traffic_digest == alone.traffic_digest
        difference = result.packets_between_cores() - alone.packets_between_cores()
        assert difference.nnz == 0
        assert result.energy() == alone.energy()
    comm.barrier()


def test_a_network_beyond_the_chip_is_refused():
    chip = replace(CHIP, limits=replace(CHIP.limits, synapse_bits_per_core=1 << 16))
    with pytest.raises(CapacityError, match="at most 128 cores within all limits, got 129"):
        make_plan(random_network(1), chip, cut="limits")


@pytest.mark.parametrize("axons", ["axons in", "axons out"])
def test_a_neuron_beyond_a_limit_is_refused(axons):
    key = axons.replace(" ", "_") + "_per_core"
    chip = replace(CHIP, limits=replace(CHIP.limits, **{key: 1}))
    network = random_network(1)
    with pytest.raises(CapacityError, match=f"neuron 0 on chip loihi: must be at most 1 {axons}"):
        make_plan(network, chip, cut="limits")
