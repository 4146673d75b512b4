"""Every kind of node, on the chip and ideal, against a plain twin of the definitions."""

from __future__ import annotations

import numpy as np
import pytest

nir_package = pytest.importorskip("nir", reason="needs the package nir, which makes the graphs")

from nir_twin import run_twin  # noqa: E402
from small_graphs import GRAPHS, ended_by, flat_nested, nested, silent_nodes  # noqa: E402

from distsnn import nir  # noqa: E402
from distsnn.nir.nodes.kinds import FIELDS  # noqa: E402
from distsnn.player import Recording  # noqa: E402

N_STEPS = 60


def spikes_of(graph, seed=2):
    """Return random spikes of the input, [steps, lines], sometimes several in a step."""
    size = int(np.prod(graph.nodes["input"].input_type["input"]))
    return np.random.default_rng(seed).poisson(0.15, (N_STEPS, size))


def recording_of(spikes):
    step, line = np.nonzero(spikes)
    times = spikes[step, line]
    return Recording(np.repeat(step, times), np.repeat(line, times), len(spikes))


def trains_of(values):
    return [(int(step), int(neuron)) for step, neuron in np.argwhere(values > 0)]


def loaded(graph, tmp_path, **options):
    nir_package.write(str(tmp_path / "graph.nir"), graph)
    return nir.load(tmp_path / "graph.nir", **options)


@pytest.mark.parametrize("reset", ["value", "subtract"])
@pytest.mark.parametrize("method", ["exact", "euler"])
@pytest.mark.parametrize("name", GRAPHS)
def test_same_spikes_as_the_twin(name, method, reset, tmp_path):
    graph, order = GRAPHS[name]()
    spikes = spikes_of(graph)
    expected, _ = run_twin(graph, order, spikes, 1e-3, method, reset)
    wanted = trains_of(expected["output"])
    network = loaded(graph, tmp_path, method=method, reset=reset)
    recordings = [recording_of(spikes), recording_of(spikes_of(graph, 3))]
    ideal = nir.ideal_outputs(network.ideal, recordings)
    assert list(zip(*ideal.trains[0], strict=True)) == wanted
    played = nir.run(network, recordings)
    assert list(zip(*played.outputs.trains[0], strict=True)) == wanted
    assert len(wanted) > 10
    for layer in network.program.layers:
        assert played.outputs.spikes[layer.name][0] == expected[layer.name].sum()
        assert ideal.spikes[layer.name][0] == expected[layer.name].sum()


@pytest.mark.parametrize("method", ["exact", "euler"])
@pytest.mark.parametrize("name", silent_nodes())
def test_potentials_of_nodes_that_never_spike(name, method, tmp_path):
    graph, order = ended_by(silent_nodes()[name])
    spikes = spikes_of(graph)
    _, states = run_twin(graph, order, spikes, 1e-3, method)
    wanted = np.mean(states["n3"]["seen"], axis=0)
    network = loaded(graph, tmp_path, method=method)
    recordings = [recording_of(spikes)]
    ideal = nir.ideal_outputs(network.ideal, recordings)
    np.testing.assert_allclose(ideal.potentials[0], wanted, rtol=1e-6, atol=1e-6)
    played = nir.run(network, recordings)
    np.testing.assert_allclose(played.outputs.potentials[0], wanted, rtol=2e-5, atol=2e-5)
    assert not played.outputs.counts.any()
    assert np.ptp(wanted) > 0.01


def test_a_graph_in_the_graph_is_the_same_as_its_nodes(tmp_path):
    graph, order = flat_nested()
    spikes = spikes_of(graph)
    expected, _ = run_twin(graph, order, spikes, 1e-3)
    network = loaded(nested(), tmp_path)
    assert "layer.lif" in network.names
    played = nir.run(network, [recording_of(spikes)])
    assert list(zip(*played.outputs.trains[0], strict=True)) == trains_of(expected["output"])
    assert expected["output"].sum() > 10


def test_every_kind_is_tried():
    made = {type(node).__name__ for build in GRAPHS.values() for node in build()[0].nodes.values()}
    assert made | set(silent_nodes()) == set(FIELDS)


def test_loop_through_two_layers_takes_two_steps(tmp_path):
    """a -> b -> a: what comes back to a arrives two steps after its spike, ideal and on the chip."""
    one = np.ones((1, 1))
    nodes = {
        "input": nir_package.Input({"input": np.array([1])}), "w": nir_package.Linear(one),
        "a": nir_package.IF(np.ones(1), np.full(1, 0.5), np.zeros(1)),
        "b": nir_package.IF(np.ones(1), np.full(1, 0.5), np.zeros(1)),
        "ab": nir_package.Linear(one), "ba": nir_package.Linear(one),
        "output": nir_package.Output({"output": np.array([1])}),
    }  # fmt: skip
    edges = [
        ("input", "w"), ("w", "a"), ("a", "ab"), ("ab", "b"), ("b", "ba"), ("ba", "a"),
        ("b", "output"),
    ]  # fmt: skip
    network = loaded(nir_package.NIRGraph(nodes, edges, type_check=False), tmp_path)
    assert network.program.long_loops == (("b", "a"),)
    recordings = [Recording([0], [0], 10)]
    played = nir.run(network, recordings)
    assert played.outputs.trains[0][0].tolist() == [0, 2, 4, 6, 8]
    ideal = nir.ideal_outputs(network.ideal, recordings)
    assert ideal.trains[0][0].tolist() == [0, 2, 4, 6, 8]
