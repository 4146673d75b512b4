"""Calls of networks, of rules that connect them and of distributions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sonata.circuits import write_circuit

from distsnn import network as net
from distsnn import neurons, sonata, stimuli
from public_calls.call import Call, bound, keeping
from public_calls.objects import sized, small


def as_weight(values: Any) -> None:
    """Use a distribution as weight, delay and initial state; the second may be out of range."""
    made = sized(None)
    made.connect("p", "p", net.AllToAll(), weight=values)
    made.population("q", 2, neurons.LifExp(), initial={"v": values})
    values.quantiles(np.array([0.1, 0.9]))
    values.cdf(np.array([-1.0, 0.0, 1.0]))


def as_image_rule(rule: Any) -> None:
    """Connect by a rule of an image of 2 x 2 pixels."""
    made = net.Network()
    for name, shape in (("a", rule.input_shape), ("b", rule.output_shape)):
        made.population(name, int(np.prod(shape)), neurons.LifExp())
    made.connect("a", "b", rule)


def as_rule(rule: Any) -> None:
    """Connect by a rule."""
    made = sized(None)
    made.connect("p", "p", rule, weight=None if getattr(rule, "weights", None) is not None else 1.0)
    str(made)


def edges_read(**arguments: Any) -> Any:
    """Read a table of edges that this writes."""
    file = Path("edges.csv")
    file.write_text("source,target,weight,delay\n0,1,20.0,1.0\n1,2,30.0,2.0\n")
    return net.EdgeList(**{"path": file, **arguments})


POINTS = np.stack(np.unravel_index(np.arange(4), (2, 2, 1)), axis=1)
WIRED = {"pre": [0, 1], "post": [1, 2]}


def modulated(**arguments: Any) -> Any:
    """Modulate a projection of a new network."""
    made = small()
    own = {"projection": made.projections[0], **arguments}
    return made.modulate(**own)


def weights_recorded(**arguments: Any) -> Any:
    """Record weights of a new network."""
    made = small()
    return made.record_weights(**{"projection": made.projections[0], **arguments})


def chosen(key: Any) -> Any:
    """Index a population, and join what was chosen with another one."""
    return small().find("a")[key]


def joined(other: Any) -> Any:
    """Join a population with something."""
    made = small()
    return made.find("a") + (made.find("s") if isinstance(other, str) and other == "s" else other)


def of_distributions() -> dict[str, Call]:
    """Calls of what gives each neuron or synapse a value of its own."""
    return {
        "Constant": Call(net.Constant, lambda: {"value": 1.0}, behave=as_weight),
        "Uniform": Call(net.Uniform, lambda: {"low": 0.0, "high": 1.0}, behave=as_weight),
        "Normal": Call(net.Normal, lambda: {"mean": 1.0, "sd": 0.1}, behave=as_weight),
        "LogNormal": Call(net.LogNormal, lambda: {"mean": 1.0, "sd": 0.1}, behave=as_weight),
        "LogNormal.from_log": Call(net.LogNormal.from_log, lambda: {"mu": 0.0, "sigma": 0.1},
                                   behave=as_weight),
        "Gamma": Call(net.Gamma, lambda: {"mean": 1.0, "sd": 0.5}, behave=as_weight),
        "Shared": Call(net.Shared, lambda: {"draw": "r", "start": 0.0, "end": 1.0},
                       behave=as_weight),
    }  # fmt: skip


def of_circuits() -> dict[str, Call]:
    """Calls of SONATA."""

    def circuit() -> dict[str, Any]:
        return {"path": write_circuit(Path("circuit").absolute())}

    def written() -> dict[str, Any]:
        network = net.Network(dt_ms=0.1)
        network.population("a", 4, neurons.LifDelta())
        network.connect("a", "a", net.AllToAll(), weight=1.0)
        return {"network": network, "folder": Path("written").absolute()}

    return {
        "load_circuit": Call(sonata.load_circuit, circuit, words={"dt_ms": "ms"}),
        "read_config": Call(sonata.read_config, circuit),
        "write_circuit": Call(sonata.write_circuit, written, words={"duration_ms": "ms"}),
    }


def of_connections() -> dict[str, Call]:
    """Calls of what says which neurons are connected."""
    return {
        "AllToAll": Call(net.AllToAll, behave=as_rule),
        "OneToOne": Call(net.OneToOne, behave=as_rule),
        "FixedInDegree": Call(net.FixedInDegree, lambda: {"k": 2}, behave=as_rule),
        "FixedOutDegree": Call(net.FixedOutDegree, lambda: {"k": 2}, behave=as_rule),
        "FixedTotalNumber": Call(net.FixedTotalNumber, lambda: {"n": 2}, behave=as_rule),
        "FixedProbability": Call(net.FixedProbability, lambda: {"p": 0.5}, behave=as_rule),
        "PatchInDegree": Call(net.PatchInDegree, lambda: {"k": 2, "source_patches": [[0]]},
                              behave=as_rule),
        "Matrix": Call(net.Matrix, lambda: {"weights": 20.0 * np.eye(4)}, behave=as_rule),
        "Convolution": Call(
            net.Convolution, lambda: {"kernel": np.ones((1, 1, 2, 2)), "input_shape": (1, 2, 2)},
            behave=as_image_rule,
        ),
        "SumPooling": Call(
            net.SumPooling, lambda: {"size": 2, "input_shape": (1, 2, 2)}, behave=as_image_rule
        ),
        "EdgeList": Call(
            keeping(edges_read, net.EdgeList), lambda: {"path": Path("edges.csv")}, behave=as_rule,
        ),
        "ExplicitList": Call(net.ExplicitList, lambda: dict(WIRED), behave=as_rule),
        "DistanceDependent": Call(
            net.DistanceDependent,
            lambda: {"c": 0.5, "length": 1.0, "from_points": POINTS, "onto_points": POINTS},
            behave=as_rule,
        ),
        "drawn_synapses": Call(lambda network: list(net.drawn_synapses(network)),
                               lambda: {"network": small()}, {"network": "network"}),
    }  # fmt: skip


def of_networks() -> dict[str, Call]:
    """Calls of networks and populations."""
    return {
        "Network": Call(net.Network, behave=lambda made: made.population("p", 2,
                                                                         neurons.LifExp())),
        "Network.expected_synapses": Call(bound("expected_synapses", small)),
        "Network.find": Call(bound("find", small), lambda: {"name": "a"}, {"name": "population"}),
        "Network.population": Call(
            bound("population", small),
            lambda: {"name": "new", "size": 4, "model": neurons.LifExp()},
        ),
        "Network.connect": Call(
            bound("connect", small),
            lambda: {"source": "a", "target": "a", "rule": net.AllToAll(), "weight": 0.5},
            {"source": "population", "target": "population"},
        ),
        "Network.connect_all": Call(
            bound("connect_all", small),
            lambda: {"source": "a", "target": "a", "rule": net.AllToAll(), "weight": 0.5},
            {"source": "population", "target": "population"},
        ),
        "Network.views": Call(bound("views", small), lambda: {"neurons": "a"},
                              {"neurons": "population"}),
        "Network.modulate": Call(
            keeping(modulated, net.Network.modulate),
            lambda: {"source": "s", "amount": 1.0, "delay_ms": 1.0},
            {"source": "population"},
        ),
        "Network.record_weights": Call(
            keeping(weights_recorded, net.Network.record_weights), lambda: {"every_ms": 0.1}
        ),
        "Network.stimulate": Call(
            bound("stimulate", small),
            lambda: {"target": "a", "what": stimuli.Poisson(10.0, 1.0)},
            {"target": "population"},
        ),
        "Network.record": Call(bound("record", small), lambda: {"population": "a",
                                                                "variable": "v"}),
        "Network.record_spikes": Call(bound("record_spikes", small), lambda: {"population": "a"}),
        "Network.records_spikes": Call(bound("records_spikes", small), lambda: {"population": "a"}),
        "Population.__getitem__": Call(chosen, lambda: {"key": 0}, {"key": "index"}),
        "Population.__add__": Call(joined, lambda: {"other": "s"}, {"other": "assembly"}),
    }  # fmt: skip
