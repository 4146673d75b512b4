"""Layers cut into patches, patches on cores, cores on ranks; packets against a walker."""

from __future__ import annotations

import numpy as np
import pytest
from convnet_networks import blobs, small_settings

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.convnet.engine.counts import Counted
from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.engine.patches import cut_layer
from distsnn.convnet.engine.plan import make_plan, n_positions, own_panels
from distsnn.convnet.machine import Machine
from distsnn.convnet.presets import load_preset, preset_names
from distsnn.errors import CapacityError, UsageError
from distsnn.mesh import Mesh, walk

CHIP = load_chip("loihi")


@pytest.mark.parametrize("seed", range(40))
def test_patches_cover_a_layer_and_fit(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 60, 2)
    maps, unit = int(rng.integers(1, 130)), int(rng.integers(1, 4))
    pooled = int(rng.choice([0, maps]))
    patches = cut_layer("x", int(height), int(width), maps, 1200, unit, pooled)
    assert patches.row_ends[-1] == height
    assert patches.column_ends[-1] == width
    assert (np.diff(patches.row_ends) > 0).all()
    windows = np.outer(
        -(-np.diff(patches.row_ends) // unit), -(-np.diff(patches.column_ends) // unit)
    ).ravel()
    assert (patches.n_positions() * maps + windows * pooled).max() <= 1200
    assert (patches.row_ends[:-1] % unit == 0).all()
    assert np.array_equal(np.bincount(patches.patch_of_position()), patches.n_positions())


@pytest.mark.parametrize("n_ranks", [1, 2, 3, 5, 8, 16, 128])
def test_panels_are_the_own_places(n_ranks):
    settings = load_preset("mnist-paper")
    layers = build_layers(settings, 28, 28, 2)
    plan = make_plan(layers, CHIP, n_ranks)
    for place in plan.layers.values():
        covered = np.zeros((place.layer.height, place.layer.width), dtype=int)
        for rank in range(n_ranks):
            panels = own_panels(place, plan.rank_of_core == rank)
            ranks = plan.rank_of_core[place.core_of_position].reshape(covered.shape)
            total = 0
            for y0, y1, x0, x1, first in panels:
                assert first == total
                assert (ranks[y0:y1, x0:x1] == rank).all()
                covered[y0:y1, x0:x1] += 1
                total += (y1 - y0) * (x1 - x0)
            assert total == n_positions(panels)
        assert (covered == 1).all()
    assert plan.neurons_of_core().max() <= 1024


def test_all_maps_of_a_place_are_on_one_core():
    plan = make_plan(build_layers(load_preset("mnist"), 28, 28, 2), CHIP, 1)
    assert plan.n_blocks <= 128
    assert plan.layers["conv1"].core_of_position.size == 22 * 22


def test_pooling_shares_the_cores_of_what_it_pools():
    plan = make_plan(build_layers(load_preset("mnist-paper"), 28, 28, 2), CHIP, 1)
    conv, pool = plan.layers["conv1"], plan.layers["pool1"]
    cores = conv.core_of_position.reshape(28, 28)
    for y in range(14):
        for x in range(14):
            window = cores[2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
            assert (window == pool.core_of_position[y * 14 + x]).all()


def walked(network, ids):
    """Return packets of each link of the mesh, events and spikes per core, spike by spike."""
    plan, mesh = network.plan, Mesh(CHIP.width, CHIP.height)
    loads = np.zeros(4 * CHIP.n_cores, dtype=int)
    events = np.zeros(CHIP.n_cores, dtype=int)
    spikes = {}  # per core, by layer
    n_packets = 0
    for number in ids:
        network.present(np.array([number]))
        network.counts.finish_batch()
        shown = {}
        for link in network.connections.values():
            part = network.parts.get(link.source.name, network.input)
            n = part.run(0, 0) if part is not network.input else part.run(number, 0, 0)
            if part is not network.input and not part.spikes.size > 1:
                continue
            source, target = plan.layers[link.source.name], plan.layers[link.target.name]
            cores = target.core_of_position.reshape(link.target.height, link.target.width)
            cores_of_spikes = shown[link.source.name] = []
            for spike in part.spikes[:n].tolist():
                place = (spike & ((1 << link.source.bits) - 1)) // link.source.n_maps
                y, x = divmod(place, link.source.width)
                cores_of_spikes.append(int(source.core_of_position[place]))
                reached = cores[reached_by(link, y, x)].ravel()
                for core in np.unique(reached):
                    loads[walk(mesh, int(source.core_of_position[place]), int(core))] += 1
                    n_packets += 1
                np.add.at(events, reached, link.target.n_maps)
        for name, cores in shown.items():
            spikes[name] = spikes.get(name, 0) + np.bincount(cores, minlength=CHIP.n_cores)
    return loads.reshape(4, -1), events, sum(spikes.values()), n_packets


def reached_by(link, y, x):
    """Return which positions of the target contain y, x in what they look at: by trying all."""
    target, source = link.target, link.source

    def looks(at, own, n_source, n_own):
        if target.kind == "conv":
            return 0 <= at + target.padding - own < target.size
        if target.kind == "pool":
            return own * target.stride <= at < own * target.stride + target.size
        return at * n_own // n_source == own

    rows = [r for r in range(target.height) if looks(y, r, source.height, target.height)]
    columns = [c for c in range(target.width) if looks(x, c, source.width, target.width)]
    return np.ix_(rows, columns)


@pytest.mark.parametrize("stride", [2, 3])
def test_packets_against_a_walker(stride):
    """Each spike goes once to every core that it reaches, along its route; nothing else does."""
    images, _ = blobs(6)
    settings = small_settings(pool1={"size": 3, "stride": stride})
    options = {"neurons_per_core": 60, "placement": "random"}
    network = ConvNetwork(settings, images, Machine(SerialComm(), CHIP, **options))
    rng = np.random.default_rng(2)
    for part in network.convolutions:
        part.set_weights(rng.random(part.weights.shape).astype(np.float32))
        part.set_theta(np.full(part.layer.n_maps, 2.5, dtype=np.float32))
    loads, events, spikes, n_packets = walked(network, range(6))
    network.counts.take()
    network.present(np.arange(6))
    network.counts.finish_batch()
    found = network.counts.take()
    assert n_packets > 1000
    assert found.mesh.packets == n_packets
    assert np.array_equal(found.mesh.link_packets.sum(axis=0), loads)
    assert np.array_equal(found.mesh.synaptic_events, events)
    assert np.array_equal(found.mesh.spikes, spikes)
    parts = []
    for first in (0, 3):
        network.present(np.arange(first, first + 3))
        network.counts.finish_batch()
        parts.append(network.counts.take())
    for same in (parts[0] + parts[1], Counted.from_arrays(found.arrays(), CHIP)):
        for name, values in found.arrays().items():
            assert np.array_equal(same.arrays()[name], values), name


def test_what_does_not_fit_is_said():
    with pytest.raises(CapacityError, match="All maps of a position"):
        cut_layer("conv1", 10, 10, 2000, 1024)
    with pytest.raises(UsageError, match="larger images"):
        build_layers(load_preset("mnist"), 6, 28, 2)
    huge = build_layers(load_preset("mnist"), 300, 300, 2)
    with pytest.raises(CapacityError, match="chips"):
        make_plan(huge, CHIP, 1)


def test_more_chips_where_one_is_too_small():
    plan = make_plan(build_layers(load_preset("mnist"), 60, 60, 2), CHIP, 1)
    assert plan.n_chips == 4
    assert plan.chip.n_cores == 4 * 128
    assert plan.n_blocks <= plan.chip.n_cores


def test_presets_load():
    assert {"mnist", "mnist-paper", "faces", "eth80"} <= set(preset_names())
    for name in preset_names():
        assert load_preset(name).layers


@pytest.mark.parametrize("wanted", [0, -1, CHIP.neurons_per_core + 1, 1.5])
def test_core_sizes_that_the_chip_does_not_have(wanted):
    layers = build_layers(load_preset("mnist"), 28, 28, 2)
    with pytest.raises(CapacityError, match="neurons_per_core: must be a whole number from 1 to"):
        make_plan(layers, CHIP, 1, neurons_per_core=wanted)
