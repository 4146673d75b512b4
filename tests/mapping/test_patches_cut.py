"""The cut by patches: every neuron once, no core beyond a limit, fewer packets than by numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.mapping import least_cores, make_plan
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.network import Convolution, FixedInDegree, Network, SumPooling
from distsnn.neurons import IntegrateFire, LifDelta
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource

CHIP = load_chip("loihi")


def images(height: int = 30, width: int = 25, form: str = "auto") -> Network:
    """An image, two convolutions, a pooling, and 10 neurons that see parts of it."""
    rng, cells = np.random.default_rng(1), IntegrateFire(v_threshold_mv=1.0)
    network = Network(dt_ms=1.0, seed=1)
    first = Convolution(rng.normal(size=(6, 2, 5, 5)), (2, height, width), stride=2, padding=2)
    second = Convolution(rng.normal(size=(12, 6, 3, 3)), first.output_shape, padding="same")
    pooling = SumPooling(2, second.output_shape)
    n = first.shape[0]
    spikes = rng.uniform(0.0, 30.0, 4 * n), rng.integers(0, n, 4 * n)
    before = network.population("image", n, SpikeSource(*spikes, measured=True))
    for name, rule in (("first", first), ("second", second), ("pooled", pooling)):
        layer = network.population(name, rule.shape[1], cells)
        network.connect(before, layer, rule, delay_ms=1.0, synapses=form)
        before = layer
    out = network.population("out", 10, cells)
    network.connect(before, out, FixedInDegree(30), weight=0.1, delay_ms=1.0)
    return network


def one_row() -> Network:
    """A convolution in one dimension."""
    network = Network(dt_ms=1.0, seed=2)
    rule = Convolution(np.ones((8, 1, 3)), (1, 600))
    line = network.population("line", 600, SpikeSource([1.0, 2.0], [300, 40], n_sources=600))
    cells = network.population("cells", rule.shape[1], LifDelta(v_threshold_mv=1.0, v_reset_mv=0.0))
    network.connect(line, cells, rule, delay_ms=2.0)
    return network


def no_image() -> Network:
    network = Network(dt_ms=1.0, seed=3)
    a, b = (network.population(name, 1500, LifDelta()) for name in "ab")
    network.connect(a, b, FixedInDegree(30), weight=1.0, delay_ms=1.0)
    return network


def small(n_axons: int):
    return replace(CHIP, limits=replace(CHIP.limits, axons_in_per_core=n_axons))


def apart():
    """Loihi, if it stored an entry for each synapse."""
    return replace(CHIP, synapse=replace(CHIP.synapse, shares_kernels=False))


@pytest.mark.parametrize(
    ("network", "chip", "per_core"),
    [(images(), CHIP, None), (images(), small(400), 100), (images(90, 80), apart(), None),
     (one_row(), CHIP, 300), (no_image(), CHIP, None)],
    ids=["images", "small cores", "kernels not shared", "one dimension", "no image"],
)  # fmt: skip
def test_every_neuron_is_on_one_core_within_all_limits(network, chip, per_core):
    result = simulate(
        network, duration_ms=3.0, chip=chip, cut="patches", strict=True, neurons_per_core=per_core
    )
    assert not result.usage.exceeded
    for population in network.populations:
        pieces = result.plan.pieces_of(population.index)
        ends = [0, *(piece.stop for piece in pieces)]
        assert [piece.start for piece in pieces] == ends[:-1]
        assert ends[-1] == population.size
    assert result.plan.n_blocks >= max(least_cores(network, chip).values())


def test_without_images_it_is_the_cut_to_limits():
    plans = [make_plan(no_image(), CHIP, cut=cut) for cut in ("limits", "patches")]
    assert plans[0].slices == plans[1].slices


def test_patches_are_rectangles_of_neighbours_with_all_channels():
    network = images()
    plan = make_plan(network, CHIP, neurons_per_core=300, cut="patches")
    population = network.find("second")
    channel, y, x = np.unravel_index(np.arange(population.size), (12, 15, 13))
    for block in {piece.block for piece in plan.pieces_of(population.index)}:
        own = np.concatenate(
            [
                np.arange(piece.start, piece.stop)
                for piece in plan.pieces_of(population.index)
                if piece.block == block
            ]
        )
        sides = [np.ptp(axis[own]) + 1 for axis in (channel, y, x)]
        assert np.prod(sides) == own.size
        assert sides[0] == 12


def test_fewer_packets_and_no_more_cores():
    blocks, packets = {}, {}
    for cut in ("limits", "patches"):
        network = images(60, 50)
        plan = make_plan(network, CHIP, cut=cut)
        blocks[cut] = plan.n_blocks
        packets[cut] = packets_per_spike(network, plan.slices, plan.n_blocks).sum()
    assert blocks["patches"] <= blocks["limits"]
    assert packets["patches"] < 0.5 * packets["limits"]


@pytest.mark.parametrize("form", ["stored", "computed"])
def test_the_cut_changes_no_spike(form):
    expected = simulate(images(form="stored"), duration_ms=30.0)
    assert expected.spikes("pooled")[0].size > 0
    result = simulate(
        images(form=form), duration_ms=30.0, cut="patches", placement="near", neurons_per_core=150
    )
    assert result.digest == expected.digest


@pytest.mark.mpi
def test_the_same_on_ranks():
    options = {"duration_ms": 30.0, "cut": "patches", "neurons_per_core": 150}
    result = simulate(images(), comm=start(), **options)
    if result.is_root:
        alone = simulate(images(form="stored"), comm=SerialComm(), **options)
        assert result.plan.slices == alone.plan.slices
        assert result.digest == alone.digest
        assert result.traffic_digest == alone.traffic_digest
