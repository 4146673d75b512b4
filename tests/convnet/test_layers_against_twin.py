"""One layer, with learning, against a plain twin: spike for spike, weight for weight."""

from __future__ import annotations

import numpy as np
import plain_twin as twin
import pytest
from convnet_networks import blobs

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.convnet.classify.features import Features
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.machine import Machine
from distsnn.convnet.settings import SdnnSettings
from distsnn.convnet.train.learning import LayerLearner
from distsnn.kernels.conv.learn import BIN, COLUMN, MAP, ROW

N_BINS, N_MAPS, KERNEL = 10, 5, 4


def settings(off="exact", padding=1, **more) -> SdnnSettings:
    layer = {
        "maps": N_MAPS, "kernel": KERNEL, "padding": padding, "threshold": 7.3, "winners": 3,
        "radius": 2, "a_plus": 0.06, "a_ratio": 0.7, "double_every": 7, "max_a_plus": 0.2,
        "check_every": 5, "max_images": 40, "stop_c": 0.0, **more,
    }  # fmt: skip
    plain = {
        "seed": 3,
        "input": {"bins": N_BINS, "threshold": 12.0, "off": off},
        "layers": {"conv1": layer, "pool1": {"kind": "pool", "size": 3, "stride": 2}},
        "readouts": {"all": "conv1.time@3 conv1.potential@2 pool1.spike@all"},
    }
    return SdnnSettings.from_dict(plain, "twin")


def network_of(what: SdnnSettings, images: np.ndarray) -> ConvNetwork:
    machine = Machine(SerialComm(), load_chip("loihi"), neurons_per_core=64)
    return ConvNetwork(what, images, machine)


def plain_layer(part) -> twin.PlainLayer:
    weights = part.weights.reshape(N_MAPS, 2, KERNEL, KERNEL)
    theta = [int(np.ceil(float(one) * twin.ONE)) for one in part.theta]
    return twin.PlainLayer(weights, theta, part.layer.padding, N_BINS)


def spikes_of(part, n: int) -> set[tuple[int, int, int, int]]:
    found = set()
    for spike in part.spikes[:n].tolist():
        index = spike & 0x1FFFFFF & ((1 << part.layer.bits) - 1)
        place, m = divmod(index, part.layer.n_maps)
        found.add((spike >> 26, m, place // part.layer.width, place % part.layer.width))
    assert len(found) == n, "no neuron fires twice"
    return found


@pytest.mark.parametrize("off", ["exact", "loud"])
def test_input_spikes(off):
    images, _ = blobs(12)
    network = network_of(settings(off), images)
    filters = twin.dog_filters(is_loud=off == "loud")
    for number, image in enumerate(images):
        n = network.input.run(number, 0, 0)
        expected = twin.rank_code(twin.responses(image, filters), 12.0, N_BINS)
        got = np.full(expected.size, -1)
        index = network.input.spikes[:n] & ((1 << network.input.layer.bits) - 1)
        got[index] = network.input.spikes[:n] >> 26
        assert n > 40
        assert np.array_equal(got.reshape(expected.shape), expected)


@pytest.mark.parametrize(("off", "padding"), [("exact", 1), ("loud", 0)])
def test_learning(off, padding):
    """Winners, their order and all weights after 40 images, through rates that grow."""
    images, _ = blobs(40)
    network = network_of(settings(off, padding), images)
    part = network.convolutions[0]
    learner = LayerLearner(network, part, len(images))
    plain = plain_layer(part)
    filters = twin.dog_filters(is_loud=off == "loud")
    order = learner._random("order of images", 0).permutation(len(images))
    seen = []
    winners_of = learner._competition.winners

    def spy(image):
        found = winners_of(image)
        seen.append([tuple(int(row[c]) for c in (BIN, MAP, ROW, COLUMN)) for row in found])
        return found

    learner._competition.winners = spy
    learner.learn()
    a_plus = np.float32(0.06)
    for shown, image in enumerate(images[order]):
        if shown and shown % 7 == 0:
            a_plus = np.float32(min(2 * a_plus, 0.2))
        bins = twin.rank_code(twin.responses(image, filters), 12.0, N_BINS)
        a_minus = np.float32(np.float32(a_plus * 0.7))
        assert plain.learn(bins, 3, 2, a_plus, a_minus, 1e-4) == seen[shown], shown
    assert sum(len(one) for one in seen) > 60
    got = part.weights.reshape(plain.weights.shape)
    assert np.array_equal(got, plain.weights)
    assert np.ptp(got) > 0.9, "weights must have moved apart for the test to mean anything"


@pytest.mark.parametrize("is_inhibited", [False, True])
def test_spikes_pooling_and_readout(is_inhibited):
    """Spikes, potentials with an infinite threshold, pooled spikes and features after learning."""
    images, _ = blobs(20, seed=5)
    network = network_of(settings(inhibition=is_inhibited), images)
    part, pool = network.convolutions[0], network.parts["pool1"]
    LayerLearner(network, part, len(images)).learn()
    features = Features(network)
    plain, filters = plain_layer(part), twin.dog_filters()
    columns = {str(block): where for block, where in features.columns.items()}
    n_all = 0
    for number, image in enumerate(images):
        features.begin()
        network.present(np.array([number]), features)
        row = features.collect(1)[0]
        bins = twin.rank_code(twin.responses(image, filters), 12.0, N_BINS)
        expected, v = plain.spikes(bins, is_inhibited)
        n = part.run(0, 0)
        assert spikes_of(part, n) == expected
        n_all += n
        assert np.array_equal(part.v.reshape(*v.shape[1:], N_MAPS), v.transpose(1, 2, 0))
        dense = np.full((*v.shape[1:], N_MAPS), -1)
        for t, m, y, x in expected:
            dense[y, x, m] = t
        expected_pool = twin.pooled(dense, 3, 2)
        fired = pool.run(0, 0)
        at = {(m, y, x): t for t, m, y, x in spikes_of(pool, fired)}
        assert at == {(m, y, x): expected_pool[y, x, m]
                      for y, x, m in zip(*np.nonzero(expected_pool >= 0), strict=True)}  # fmt: skip
        check_features(row, columns, expected, v, expected_pool)
    assert n_all > 200


def check_features(row, columns, spikes, v, expected_pool):
    """Features from their definition, cell by cell."""
    height, width = v.shape[1:]
    times = np.zeros((9, N_MAPS), dtype=int)
    per_cell = np.bincount([y * 3 // height * 3 + x * 3 // width
                            for y in range(height) for x in range(width)]).max()  # fmt: skip
    largest = min(255, 32767 // per_cell)
    for t, m, y, x in spikes:
        late = min(max((t / N_BINS - 0.65) / 0.35, 0.0), 1.0)
        times[y * 3 // height * 3 + x * 3 // width, m] += round(largest * (1 - late))
    assert np.array_equal(row[columns["conv1.time@3"]], times.ravel())
    highest = np.zeros((4, N_MAPS), dtype=int)
    for y in range(height):
        for x in range(width):
            cell = y * 2 // height * 2 + x * 2 // width
            highest[cell] = np.maximum(highest[cell], v[:, y, x])
    shift = (2 * KERNEL**2 << 16).bit_length() - 15
    assert np.array_equal(row[columns["conv1.potential@2"]], highest.ravel() >> shift)
    assert np.array_equal(row[columns["pool1.spike@all"]], (expected_pool >= 0).ravel())
