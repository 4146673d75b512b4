"""Graphs, data and networks that cannot be used are refused in one line that names the fault."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

nir_package = pytest.importorskip("nir", reason="needs the package nir, which makes the graphs")

from small_graphs import chain, integrate_fire, plain_if, silent_nodes, weights  # noqa: E402

from distsnn import nir  # noqa: E402
from distsnn.errors import DistsnnError, InputFileError, NetworkError, UsageError  # noqa: E402
from distsnn.network import AllToAll, Network, OneToOne  # noqa: E402
from distsnn.neurons import IntegrateFire, LifDelta, LifExp, NirIf, NirLif  # noqa: E402
from distsnn.plasticity import PairStdp  # noqa: E402
from distsnn.stimuli import Current, SpikeSource  # noqa: E402


def joined(edges, **nodes):
    ends = {
        "input": nir_package.Input({"input": np.array([3])}),
        "output": nir_package.Output({"output": np.array([3])}),
    }
    return nir_package.NIRGraph({**ends, **nodes}, edges, type_check=False)


def straight(*nodes, shape=(3,)):
    return chain(*nodes, shape=shape)[0]


def to_itself():
    names = ["input", "a", "b", "output"]
    edges = [("input", "a"), ("a", "b"), ("b", "a"), ("b", "output")]
    assert names
    return joined(edges, a=nir_package.Linear(weights(1, 3, 3)), b=nir_package.Linear(np.eye(3)))


def kind_changed(kind, **changes):
    def change(file):
        group = file["node/nodes/n0"]
        del group["type"]
        group["type"] = kind
        for key, value in changes.items():
            del group[key]
            group[key] = value

    return change


LI = silent_nodes()["LI"]
WRONG_GRAPHS = {
    "loop without neurons": (to_itself, "through neurons in each loop"),
    "nothing before a node": (
        lambda: joined([("input", "a"), ("a", "output"), ("b", "a")], a=plain_if(3), b=plain_if(3)),
        "IF 'b'",
    ),
    "weights that do not fit": (
        lambda: straight(nir_package.Linear(weights(1, 3, 4)), plain_if(3)), "weights of shape (3, 4)"
    ),
    "neurons that do not fit": (
        lambda: straight(nir_package.Linear(weights(1, 4, 3)), plain_if(3)), "3"
    ),
    "signals of two sizes": (
        lambda: joined(
            [("input", "a"), ("input", "b"), ("a", "b"), ("b", "output")],
            a=nir_package.Linear(weights(1, 4, 3)), b=plain_if(4),
        ),
        "[3, 4]",
    ),
    "weights before the output": (
        lambda: straight(plain_if(3), nir_package.Linear(weights(1, 3, 3))), "without weights"
    ),
    "a silent node that leads on": (
        lambda: straight(LI, nir_package.Linear(weights(1, 3, 3)), plain_if(3)), "no spikes"
    ),
    "a kernel larger than its input": (
        lambda: straight(
            nir_package.Conv2d((2, 2), weights(1, 1, 1, 5, 5), 1, 0, 1, 1, np.zeros(1)), plain_if(1),
            shape=(1, 2, 2),
        ),
        "(1, 2, 2)",
    ),
    "channels that do not fit": (
        lambda: straight(
            nir_package.Conv2d((4, 4), weights(1, 1, 3, 2, 2), 1, 0, 1, 1, np.zeros(1)), plain_if(1),
            shape=(2, 4, 4),
        ),
        "2 channels",
    ),
    "pooling of a flat input": (
        lambda: joined(
            [("input", "a"), ("a", "b"), ("b", "output")],
            a=nir_package.SumPool2d(*np.ones((3, 2), int)), b=plain_if(3),
        ),
        "channels, height and width",
    ),
    "a bias before a delay": (
        lambda: straight(
            nir_package.Affine(weights(1, 3, 3), np.ones(3)), nir_package.Delay(np.full(3, 0.002)),
            plain_if(3),
        ),
        "a bias before it",
    ),
    "a delay that is too long": (
        lambda: straight(nir_package.Delay(np.full(3, 1e6)), plain_if(3)), "delays from 0"
    ),
    "a time constant of 0": (
        lambda: straight(nir_package.LIF(*np.zeros((1, 3)), *np.ones((3, 3)))), "tau above 0"
    ),
    "two outputs": (
        lambda: joined(
            [("input", "a"), ("a", "output"), ("a", "other")],
            a=plain_if(3), other=nir_package.Output({"output": np.array([3])}),
        ),
        "one Output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_GRAPHS)
def test_graphs_that_cannot_run(name, tmp_path):
    build, part = WRONG_GRAPHS[name]
    path = tmp_path / "graph.nir"
    nir_package.write(str(path), build())
    with pytest.raises(InputFileError) as refused:
        nir.load(path)
    line = str(refused.value)
    assert part in line
    assert str(path) in line
    assert "must be" in line
    assert line.isprintable()


WRONG_FILES = {
    "an unknown kind": (kind_changed("Spikey"), "Spikey 'n0'"),
    "a kind that is no text": (kind_changed(3), "text"),
    "numbers that are none": (kind_changed("IF", r=[np.nan] * 3), "finite"),
    "no edges": (lambda file: file["node"].__delitem__("edges"), "reached from the Input"),
    "an edge to nowhere": (
        lambda file: file["node/edges"].write_direct(
            np.array([["input", "n9"], ["n0", "output"]], dtype=object)
        ),
        "input -> n9",
    ),
    "no nodes": (lambda file: file["node"].__delitem__("nodes"), "node/nodes"),
    "no graph": (lambda file: file.__delitem__("node"), "a NIR file"),
    "a link to another file": (
        lambda file: file["node/nodes"].__setitem__("n1", h5py.ExternalLink("o.h5", "/")), "link"
    ),
    "a huge input": (
        lambda file: file["node/nodes/input/shape"].__setitem__(0, 2**40), "elements"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_FILES)
def test_files_that_are_no_graphs(name, tmp_path):
    change, part = WRONG_FILES[name]
    path = tmp_path / "graph.nir"
    nir_package.write(str(path), straight(integrate_fire(3)))
    with h5py.File(path, "a") as file:
        change(file)
    with pytest.raises(InputFileError) as refused:
        nir.load(path)
    assert part in str(refused.value)
    assert str(refused.value).isprintable()


def test_files_of_other_kinds(tmp_path):
    path = tmp_path / "graph.nir"
    path.write_text("a graph")
    for wrong in (path, tmp_path, tmp_path / "none.nir"):
        with pytest.raises(InputFileError, match="must be"):
            nir.load(wrong)


def test_options_that_mean_nothing(tmp_path):
    path = tmp_path / "graph.nir"
    nir_package.write(str(path), straight(integrate_fire(3)))
    for options in ({"dt_ms": 0.0}, {"method": "rk4"}, {"reset": "none"}, {"weight_bits": 1}):
        with pytest.raises(UsageError, match="must be"):
            nir.load(path, **options)
    with pytest.raises(UsageError, match="recordings"):
        nir.run(nir.load(path), [])


def a_network(model, **options):
    network = Network(dt_ms=1.0)
    source = network.population("in", 3, SpikeSource([], [], n_sources=3))
    target = network.population("out", 3, model, **options)
    network.connect(source, target, OneToOne(), weight=1.0)
    return network, target


def with_plasticity():
    network, target = a_network(IntegrateFire())
    hidden = network.population("hidden", 3, IntegrateFire())
    network.connect(hidden, target, AllToAll(), weight=1.0, plasticity=PairStdp(w_max=2.0))
    return network


def with_current():
    network, target = a_network(NirIf())
    network.stimulate(target, Current(1.0))
    return network


def with_two_layers_at_once():
    network, target = a_network(NirIf())
    hidden = network.population("hidden", 3, NirIf())
    network.connect("in", hidden, OneToOne(), weight=1.0)
    network.connect(hidden, target, OneToOne(), weight=1.0)
    return network


WRONG_NETWORKS = {
    "LifExp": (lambda: a_network(LifExp())[0], "got 'LifExp'"),
    "refractory": (lambda: a_network(LifDelta(t_ref_ms=2.0))[0], "t_ref_ms"),
    "floor": (lambda: a_network(IntegrateFire(v_floor_mv=-5.0))[0], "v_floor_mv"),
    "subtraction": (lambda: a_network(NirLif(reset="subtract"))[0], "reset"),
    "initial": (lambda: a_network(NirIf(), initial={"v": 0.5})[0], "initial"),
    "plasticity": (with_plasticity, "PairStdp"),
    "current": (with_current, "stimuli"),
    "no source": (lambda: Network(), "one population of given spikes"),
    "a short way": (with_two_layers_at_once, "at least 2 steps"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_NETWORKS)
def test_networks_that_are_no_graphs(name, tmp_path):
    build, part = WRONG_NETWORKS[name]
    with pytest.raises(NetworkError, match="must be") as refused:
        nir.write(build(), tmp_path / "out.nir", output="out" if name != "no source" else None)
    assert part in str(refused.value)
    assert not (tmp_path / "out.nir").exists()


def test_folders_without_recordings(tmp_path):
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "none", tmp_path / "empty", tmp_path):
        with pytest.raises(DistsnnError, match="sub-folder"):
            nir.read_folder(wrong, (2, 34, 34))
