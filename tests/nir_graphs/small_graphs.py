"""Small NIR graphs of every kind of node, made with the package ``nir``.

Weights are multiples of 1/64, which every quantum of the simulator represents.
"""

from __future__ import annotations

from itertools import pairwise

import nir
import numpy as np


def weights(seed, *shape):
    rng = np.random.default_rng(seed)
    return rng.integers(-64, 129, shape) / 64.0


def spread(seed, low, high, n):
    return np.random.default_rng(seed).uniform(low, high, n)


def chain(*nodes, shape):
    """Return a graph of nodes one after another, and their names in this order."""
    names = ["input", *(f"n{k}" for k in range(len(nodes))), "output"]
    size = nodes[-1].output_type["output"]
    ends = nir.Input({"input": np.array(shape)}), nir.Output({"output": np.array(size)})
    parts = dict(zip(names, (ends[0], *nodes, ends[1]), strict=True))
    edges = list(pairwise(names))
    return nir.NIRGraph(parts, edges, type_check=False), names


def integrate_fire(n, seed=1):
    return nir.IF(
        r=spread(seed, 0.5, 1.5, n), v_threshold=spread(seed + 1, 1.0, 2.0, n),
        v_reset=spread(seed + 2, -0.5, 0.5, n),
    )  # fmt: skip


def lif(n, seed=1):
    return nir.LIF(
        tau=spread(seed, 0.004, 0.02, n), r=spread(seed + 1, 4.0, 6.0, n),
        v_leak=spread(seed + 2, -0.2, 0.2, n), v_threshold=spread(seed + 3, 0.8, 1.2, n),
        v_reset=spread(seed + 4, -0.1, 0.1, n),
    )  # fmt: skip


def cuba_lif(n, seed=1):
    return nir.CubaLIF(
        tau_syn=spread(seed, 0.002, 0.006, n), tau_mem=spread(seed + 1, 0.005, 0.02, n),
        r=spread(seed + 2, 4.0, 6.0, n), v_leak=spread(seed + 3, -0.2, 0.2, n),
        v_threshold=spread(seed + 4, 0.8, 1.2, n), v_reset=spread(seed + 5, -0.1, 0.1, n),
        w_in=spread(seed + 6, 1.0, 3.0, n),
    )  # fmt: skip


def of_neurons(node):
    return chain(
        nir.Affine(weights(2, 7, 5), spread(3, -0.1, 0.3, 7)), node(7), nir.Linear(weights(4, 3, 7)),
        node(3, 40), shape=(5,),
    )  # fmt: skip


def ended_by(node):
    return chain(
        nir.Linear(weights(2, 7, 5)), integrate_fire(7), nir.Affine(weights(4, 3, 7), np.ones(3) / 8),
        node, shape=(5,),
    )  # fmt: skip


def convolution():
    return chain(
        nir.Conv2d((7, 6), weights(5, 4, 2, 3, 2), (2, 1), (1, 2), (1, 2), 1, spread(6, 0.0, 0.2, 4)),
        plain_if(4, 4, 8), nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 1])),
        nir.Conv2d((2, 5), weights(7, 6, 2, 2, 2), 1, 0, 1, 2, np.zeros(6)),
        plain_if(6, 1, 4), nir.AvgPool2d(np.array([1, 2]), np.array([1, 2]), np.array([0, 0])),
        nir.Flatten({"input": np.array([6, 1, 2])}, 0, -1), nir.Affine(weights(8, 3, 12), np.zeros(3)),
        plain_if(3), shape=(2, 7, 6),
    )  # fmt: skip


def convolution_1d():
    return chain(
        nir.Conv1d(9, weights(5, 4, 1, 3), 2, 1, 2, 2, spread(6, 0.0, 0.2, 4)),
        plain_if(4, 4), nir.Flatten({"input": np.array([4, 4])}, 0, -1),
        nir.Scale(weights(9, 16)), plain_if(16), shape=(2, 9),
    )  # fmt: skip


def plain_if(*shape):
    return nir.IF(r=np.ones(shape), v_threshold=np.ones(shape), v_reset=np.zeros(shape))


def thresholds():
    return chain(
        nir.Linear(weights(2, 6, 5)), nir.Threshold(spread(1, 0.2, 1.0, 6)),
        nir.Delay(np.array([0.0, 0.001, 0.003, 0.003, 0.0, 0.002])), nir.Linear(weights(4, 3, 6)),
        plain_if(3), shape=(5,),
    )  # fmt: skip


def recurrent():
    """A layer onto itself and a way around a layer."""
    nodes = {
        "input": nir.Input({"input": np.array([5])}), "w_a": nir.Linear(weights(2, 6, 5)),
        "a": lif(6), "w_aa": nir.Affine(weights(3, 6, 6) - 0.5, np.full(6, 0.125)),
        "w_b": nir.Linear(weights(4, 4, 6)), "b": cuba_lif(4), "w_skip": nir.Linear(weights(5, 4, 5)),
        "output": nir.Output({"output": np.array([4])}),
    }  # fmt: skip
    edges = [
        ("input", "w_a"), ("w_a", "a"), ("a", "w_aa"), ("w_aa", "a"), ("a", "w_b"), ("w_b", "b"),
        ("input", "w_skip"), ("w_skip", "b"), ("b", "output"),
    ]  # fmt: skip
    order = ["input", "w_a", "a", "w_aa", "w_b", "w_skip", "b", "output"]
    return nir.NIRGraph(nodes, edges, type_check=False), order


def nested():
    """The recurrent layer as a graph in the graph."""
    inner = nir.NIRGraph(
        {
            "input": nir.Input({"input": np.array([6])}), "lif": lif(6),
            "w_rec": nir.Linear(weights(3, 6, 6) - 0.5),
            "output": nir.Output({"output": np.array([6])}),
        },
        [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
        type_check=False,
    )  # fmt: skip
    nodes = {
        "input": nir.Input({"input": np.array([5])}), "w_a": nir.Linear(weights(2, 6, 5)),
        "layer": inner, "w_b": nir.Linear(weights(4, 4, 6)), "b": plain_if(4),
        "output": nir.Output({"output": np.array([4])}),
    }  # fmt: skip
    names = list(nodes)
    edges = list(pairwise(names))
    return nir.NIRGraph(nodes, edges, type_check=False)


def flat_nested():
    """``nested`` without the inner graph."""
    graph = nested()
    nodes = {name: node for name, node in graph.nodes.items() if name != "layer"}
    nodes |= {"lif": graph.nodes["layer"].nodes["lif"], "rec": graph.nodes["layer"].nodes["w_rec"]}
    edges = [
        ("input", "w_a"), ("w_a", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "w_b"),
        ("w_b", "b"), ("b", "output"),
    ]  # fmt: skip
    order = ["input", "w_a", "lif", "rec", "w_b", "b", "output"]
    return nir.NIRGraph(nodes, edges, type_check=False), order


def silent_nodes():
    return {
        "LI": nir.LI(spread(1, 0.004, 0.02, 3), spread(2, 1.0, 2.0, 3), spread(3, -0.2, 0.2, 3)),
        "I": nir.I(spread(2, 0.1, 0.3, 3)),
        "CubaLI": nir.CubaLI(
            spread(1, 0.002, 0.006, 3), spread(2, 0.005, 0.02, 3), spread(3, 1.0, 2.0, 3),
            spread(4, -0.2, 0.2, 3), spread(5, 1.0, 3.0, 3),
        ),
    }  # fmt: skip


GRAPHS = {
    "IF": lambda: of_neurons(integrate_fire), "LIF": lambda: of_neurons(lif),
    "CubaLIF": lambda: of_neurons(cuba_lif), "convolution": convolution,
    "convolution 1d": convolution_1d, "threshold and delay": thresholds, "recurrent": recurrent,
}  # fmt: skip
