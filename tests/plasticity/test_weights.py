"""Weights written down, kept on disk, and taken up again; what the counters say of learning."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced, poisson_trains
from plasticity.plastic_networks import plastic_network

from distsnn.errors import InputFileError, UsageError
from distsnn.network import ExplicitList, Network
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp
from distsnn.simulation import simulate
from distsnn.storage.weights import load_weights, save_weights, synapses_from


def test_recorded_at_times_and_targets():
    network = plastic_network("pair")
    network.weight_probes.clear()
    plastic = network.projections[0]
    network.record_weights(plastic, every_ms=20.0, targets=[3, 150, 199])
    table = simulate(network, duration_ms=70.0).weights(plastic)
    assert table.times_ms.tolist() == pytest.approx([0.0, 20.0, 40.0, 60.0, 70.0])
    assert np.array_equal(table.post, np.repeat([3, 150, 199], 40))
    assert (np.diff(table.pre.astype(int))[np.diff(table.post.astype(int)) == 0] >= 0).all()
    whole = plastic_network("pair")
    everything = simulate(whole, duration_ms=70.0).weights(whole.projections[0])
    chosen = np.isin(everything.post, [3, 150, 199])
    assert np.array_equal(everything.pre[chosen], table.pre)
    assert np.array_equal(everything.weights[-1][chosen], table.final)
    assert everything.weights[0].mean() == pytest.approx(0.5, abs=0.01)


def test_weights_not_recorded():
    network = plastic_network("pair")
    result = simulate(network, duration_ms=1.0)
    with pytest.raises(UsageError, match="must be recorded with network"):
        result.weights(network.projections[1])


def test_learning_goes_on_from_a_file(tmp_path):
    """To the last bit: the file holds the very weights, and a list of synapses starts from them."""
    network = plastic_network("power")
    result = simulate(network, duration_ms=40.0)
    save_weights(result, tmp_path / "weights.h5")
    table = result.weights(network.projections[0])
    again = load_weights(tmp_path / "weights.h5", network.projections[0])
    for name in ("pre", "post", "delays_ms", "times_ms", "weights"):
        assert np.array_equal(getattr(again, name), getattr(table, name)), name
    second = Network(dt_ms=0.1, seed=9)
    exc = second.population("exc", 200, LifDelta())
    plastic = second.connect(
        exc, exc, synapses_from(tmp_path / "weights.h5"),
        plasticity=network.projections[0].plasticity,
    )  # fmt: skip
    second.record_weights(plastic, every_ms=0.1)
    start = simulate(second, duration_ms=0.1).weights(plastic)
    assert np.array_equal(start.weights[0], table.final)
    assert np.array_equal(start.delays_ms, table.delays_ms)


@pytest.mark.parametrize("content", [None, b"no HDF5"])
def test_what_is_no_file_of_weights(tmp_path, content):
    path = tmp_path / "weights.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputFileError, match="must be a"):
        load_weights(path)


def test_file_without_the_projection(tmp_path):
    network = plastic_network("pair")
    save_weights(simulate(network, duration_ms=1.0), tmp_path / "weights.h5")
    with pytest.raises(InputFileError, match="projection: must be one of 0, got 3"):
        load_weights(tmp_path / "weights.h5", 3)


def test_updates_are_counted_per_core_and_step():
    """One for each plastic synapse of a neuron that spikes, on either side."""
    rng = np.random.default_rng(2)
    pre, post = (poisson_trains(rng, 40, 30.0, 500, 0.1) for _ in range(2))
    i, j = rng.integers(0, 40, (2, 300))
    synapses = (i, j, np.full(300, 5.0), np.full(300, 8))
    forced = Forced(pre, post, synapses, PairStdp(12.0))
    result = forced.run(neurons_per_core=16)
    n_out, n_in = np.bincount(i, minlength=40), np.bincount(j, minlength=40)
    n_pre = np.array([len(train) for train in pre])
    n_post = np.array([len(train) for train in post])
    expected = int((n_out * n_pre).sum() + (n_in * n_post).sum())
    counters = result.counters
    assert counters.learning_updates == expected
    assert counters.learning_of_core.sum() == expected
    per_step = np.zeros((forced.n_steps, 128), dtype=np.int64)
    cores = np.zeros(40, dtype=np.int64)
    for piece in result.plan.slices:
        if piece.population == 2:
            cores[piece.start : piece.stop] = result.plan.core_of_block[piece.block]
    for k in range(300):
        np.add.at(per_step, (pre[i[k]], cores[j[k]]), 1)
        np.add.at(per_step, (post[j[k]], cores[j[k]]), 1)
    assert np.array_equal(counters.most_learning_of_step, per_step.max(axis=1))
    assert np.array_equal(counters.learning_of_core, per_step.sum(axis=0))


def test_static_networks_learn_nothing():
    network = Network(dt_ms=0.1)
    one = network.population("one", 5, LifDelta())
    network.connect(one, one, ExplicitList([0], [1]), weight=1.0)
    counters = simulate(network, duration_ms=1.0).counters
    assert counters.learning_updates == 0
    assert counters.learning_of_core is None
