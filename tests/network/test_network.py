"""The network description: what it holds, what it derives, what it refuses."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from sampling import FakeModel

from distsnn.errors import NetworkError
from distsnn.network import (
    AllToAll,
    Constant,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Network,
    Normal,
    OneToOne,
    PatchInDegree,
    Uniform,
)
from distsnn.network.draw import draw_delays, draw_sources
from distsnn.stimuli import Current, Poisson, SpikeSource


def example() -> Network:
    network = Network(dt_ms=0.1, seed=7, name="example")
    exc = network.population("exc", 80, FakeModel(), initial={"v": Normal(-60, 5)}, patches=4)
    inh = network.population("inh", 20, FakeModel(), initial={"v": -65})
    camera = network.population("camera", 5, SpikeSource([1.0, 2.0], [0, 4]))
    network.connect(exc, inh, FixedInDegree(10), weight=Normal(87.8, 8.78), delay_ms=1.5)
    network.connect("inh", "exc", FixedProbability(0.1), weight=-4.0)
    network.connect(camera, exc, AllToAll(), weight=1.0, delay_ms=Uniform(0.1, 2.0), receptor=1)
    network.stimulate(exc, Poisson(rate_hz=8.0, weight=-1.0))
    network.stimulate(exc, Current(pa=300.0))
    network.record(exc, "v", neurons=[5, 0, 7], every_ms=1.0)
    return network


def test_parts_are_plain_data():
    network = example()
    assert [(p.index, p.name, p.size, p.gid_start) for p in network] == [
        (0, "exc", 80, 0), (1, "inh", 20, 80), (2, "camera", 5, 100),
    ]  # fmt: skip
    assert network.n_neurons == 105
    assert network.expected_synapses() == pytest.approx(200 + 160 + 400)
    assert [(p.index, p.receptor) for p in network.projections] == [(0, 0), (1, 1), (2, 1)]
    assert [(s.index, s.receptor) for s in network.stimuli] == [(0, 1), (1, -1)]
    assert network.populations[1].initial == {"v": Constant(-65.0)}
    probe = network.probes[0]
    assert (probe.variable, probe.neurons.tolist(), probe.every_ms) == ("v", [0, 5, 7], 1.0)
    assert network.find("inh") is network.populations[1]
    assert "example" in repr(network)
    assert "exc" in repr(network.populations[0]) + repr(network.projections[0])


def test_pickled_network_draws_the_same():
    network = example()
    copy = pickle.loads(pickle.dumps(network))
    assert copy.projections[1].source is copy.populations[1]
    for old, new in zip(network.projections, copy.projections, strict=True):
        for a, b in zip(draw_sources(old, 0, 20, 7), draw_sources(new, 0, 20, 7), strict=True):
            assert (a == b).all()


def test_delay_in_steps():
    network = example()
    assert [p.delay_steps for p in network.projections] == [(15, 15), (1, 1), (1, 20)]
    p = network.populations[0]
    for delay_ms, steps in ((None, 1), (0.1, 1), (0.3, 3), (0.7, 7), (1.0, 10), (6553.5, 65535)):
        projection = network.connect(p, p, OneToOne(), weight=1.0, delay_ms=delay_ms)
        assert projection.delay_steps == (steps, steps)
        assert (draw_delays(projection, 0, np.ones(3, np.int32), 1) == steps).all()


def test_receptor_by_name_index_and_sign():
    network = example()
    p = network.populations[0]
    for receptor, weight, index in (
        ("inhibitory", 1.0, 1), (0, -1.0, 0), (None, -1.0, 1), (None, 0.0, 0),
        (None, Normal(-1.0, 3.0), 1), (np.int64(1), 1.0, 1),
    ):  # fmt: skip
        made = network.connect(p, p, OneToOne(), weight=weight, receptor=receptor)
        assert made.receptor == index
    assert network.stimulate(p, Poisson(1.0, 1.0, receptor="inhibitory")).receptor == 1
    assert network.stimulate(p, Poisson(1.0, 1.0, receptor=1), receptor=0).receptor == 0


def test_spike_recording_can_be_turned_off():
    network = example()
    exc, inh, _ = network
    network.record_spikes(exc, False)
    assert not network.records_spikes(exc)
    assert network.records_spikes(inh)
    network.record_spikes("exc", True)
    assert network.records_spikes(exc)


def test_one_model_for_all_numbers_of_neurons():
    network = Network()
    p = network.population("p", 1, FakeModel())
    assert network.connect(p, p, AllToAll(autapses=False), weight=1.0).expected_synapses() == 0
    counts, sources = draw_sources(network.projections[0], 0, 1, 1)
    assert counts.tolist() == [0]
    assert sources.size == 0


@dataclass
class Thawed:
    """A dataclass that is not frozen."""

    receptors: ClassVar = ("a",)
    states: ClassVar = {}


@dataclass(frozen=True)
class Strange(FakeModel):
    """A model with a state of an unknown dtype."""

    states: ClassVar = {"v": "f8"}


@dataclass(frozen=True)
class Nothing:
    """A dataclass that is no model."""


def build(**changes):
    """Return a network, two populations and a source, under short names."""
    network = Network(**changes)
    p = network.population("p", 12, FakeModel(), patches=3)
    q = network.population("q", 7, FakeModel())
    s = network.population("s", 12, SpikeSource([1.0], [3]))
    return SimpleNamespace(n=network, p=p, q=q, s=s)


def connect(source, target, rule, weight=1.0, **rest):
    return lambda b: b.n.connect(
        getattr(b, source), getattr(b, target), rule, weight=weight, **rest
    )


MISTAKES = {
    "size 0": (
        lambda b: b.n.population("x", 0, FakeModel()),
        "population 'x': size: must be a whole number from 1 to"),
    "negative size": (lambda b: b.n.population("x", -3, FakeModel()), ", got -3."),
    "size 2.5": (
        lambda b: b.n.population("x", 2.5, FakeModel()),
        "size: must be a whole number from 1 to 2147483616, got 2.5"),
    "absurd size": (lambda b: b.n.population("x", 2**31, FakeModel()), ", got 2147483648."),
    "taken name": (lambda b: b.n.population("p", 3, FakeModel()), "got one that is taken"),
    "name with slash": (
        lambda b: b.n.population("L2/3", 3, FakeModel()),
        "must be up to 64 letters, digits and _ . + - after a letter or digit, got 'L2/3'"),
    "empty name": (lambda b: b.n.population("", 3, FakeModel()), "got ''. Choose another"),
    "no name": (lambda b: b.n.population(None, 3, FakeModel()), "got None. Choose another"),
    "model class": (
        lambda b: b.n.population("x", 3, FakeModel),
        "must be an instance of a neuron model"),
    "thawed model": (
        lambda b: b.n.population("x", 3, Thawed()),
        "must be an instance of a neuron model"),
    "no model": (lambda b: b.n.population("x", 3, Nothing()), "from NeuronModel, got Nothing()"),
    "strange state": (lambda b: b.n.population("x", 3, Strange()), "states: must be f4 or i4, got"),
    "patches": (
        lambda b: b.n.population("x", 10, FakeModel(), patches=4),
        "size must be a multiple of the 4 patches, got 10"),
    "too many patches": (
        lambda b: b.n.population("x", 3, FakeModel(), patches=4),
        "patches: must be a whole number from 1 to 3, got 4"),
    "state": (
        lambda b: b.n.population("x", 3, FakeModel(), initial={"u": 1.0}),
        "must be a state variable of FakeModel (v, refractory), got 'u'"),
    "initial nan": (
        lambda b: b.n.population("x", 3, FakeModel(), initial={"v": float("nan")}),
        "initial v: must be a number, got nan"),
    "initial no dict": (lambda b: b.n.population("x", 3, FakeModel(), initial=3.0), "must be a dict"),
    "small source": (
        lambda b: b.n.population("x", 3, SpikeSource([1.0], [3])),
        "size: must be at least 4, which its spikes need, got 3"),
    "unknown population": (
        lambda b: b.n.find("z"),
        "population: must be one of this network (p, q, s), got 'z'"),
    "foreign population": (
        lambda b: b.n.connect(build().p, b.q, AllToAll(), weight=1.0), "got one of another network"),
    "no population": (
        lambda b: b.n.connect(3, b.q, AllToAll(), weight=1.0),
        "neurons: must be a population, some of its neurons or an assembly, got 3"),
    "rule class": (connect("p", "q", AllToAll), "must be an instance of a connection rule"),
    "no rule": (connect("p", "q", "all"), "rule: must be an instance of a connection rule, got 'all'"),
    "onto a source": (connect("p", "s", AllToAll()), "got SpikeSource, which takes no input"),
    "receptor name": (
        connect("p", "q", AllToAll(), receptor="nmda"),
        "receptor: must be one of excitatory, inhibitory or an index below 2, got 'nmda'"),
    "receptor 2": (
        connect("p", "q", AllToAll(), receptor=2),
        "receptor: must be one of excitatory, inhibitory or an index below 2, got 2"),
    "receptor -1": (connect("p", "q", AllToAll(), receptor=-1), "index below 2, got -1"),
    "no weight": (
        connect("p", "q", AllToAll(), None),
        "weight: must be a number or a distribution, got None"),
    "weight text": (
        connect("p", "q", AllToAll(), "1"),
        "weight: must be a number or a distribution, got '1'"),
    "weight inf": (connect("p", "q", AllToAll(), float("inf")), "weight: must be a number, got inf"),
    "negative delay": (connect("p", "q", AllToAll(), delay_ms=-1.0), "delay_ms: must be at least one"),
    "negative tail": (
        connect("p", "q", AllToAll(), delay_ms=Normal(1.5, 0.75)),
        "delay_ms must be at least 0, got a distribution down to -3.375. Bound it"),
    "long delay": (
        connect("p", "q", AllToAll(), delay_ms=7000.0),
        "delay_ms must be at most 6553.5 (65535 steps), got up to 7000"),
    "delay nan": (
        connect("p", "q", AllToAll(), delay_ms=float("nan")),
        "delay_ms: must be a number, got nan"),
    "one to one": (
        connect("p", "q", OneToOne()),
        "OneToOne must have as many sources as targets, 7, got 12"),
    "in-degree": (
        connect("q", "p", FixedInDegree(8, multapses=False)),
        "projection q -> p: FixedInDegree.k: must be at most 7, got 8. Lower it, or allow multapses."),
    "in-degree without self": (
        connect("q", "q", FixedInDegree(7, multapses=False, autapses=False)),
        "must be at most 6, got 7. Lower it, or allow multapses or autapses."),
    "negative in-degree": (
        lambda b: FixedInDegree(-1),
        "FixedInDegree.k: must be a whole number from 0 to"),
    "in-degree 1.5": (lambda b: FixedInDegree(1.5), ", got 1.5"),
    "in-degree flag": (
        lambda b: FixedInDegree(1, multapses=1), "FixedInDegree.multapses: must be True or False"),
    "out-degree": (
        connect("p", "q", FixedOutDegree(8, multapses=False)),
        "FixedOutDegree.k: must be at most 7, got 8"),
    "total": (
        connect("p", "q", FixedTotalNumber(85, multapses=False)),
        "FixedTotalNumber.n: must be at most 84, got 85. Lower it, or allow multapses."),
    "negative total": (
        lambda b: FixedTotalNumber(-5),
        "FixedTotalNumber.n: must be a whole number from"),
    "probability": (
        lambda b: FixedProbability(1.5),
        "FixedProbability.p: must be a number from 0 to 1"),
    "probability nan": (lambda b: FixedProbability(float("nan")), "got nan"),
    "patch rows": (
        connect("p", "p", PatchInDegree(1, [(0,), (1,)])),
        "source_patches: must be 3 rows, one for each patch of the target, got 2"),
    "patch index": (
        connect("p", "p", PatchInDegree(1, [(0,), (1,), (3,)])),
        "source_patches: must be a whole number from 0 to 2, got 3"),
    "patches no list": (
        lambda b: PatchInDegree(1, 3),
        "PatchInDegree.source_patches: must be a list of lists, got 3"),
    "list source": (
        connect("q", "p", ExplicitList([7], [0])), "ExplicitList.pre: must be at most 6, got 7"),
    "list target": (
        connect("p", "q", ExplicitList([0], [7])), "ExplicitList.post: must be at most 6, got 7"),
    "list negative": (
        lambda b: ExplicitList([-1], [0]),
        "ExplicitList.pre[0]: must be whole numbers from 0 to"),
    "list lengths": (
        lambda b: ExplicitList([1, 2], [0]),
        "ExplicitList.pre: must be of 1 entries, as post has, got 2"),
    "list floats": (
        lambda b: ExplicitList([1.5], [0]),
        "ExplicitList.pre: must be an array of whole numbers with 1 dimension"),
    "list weights": (
        lambda b: ExplicitList([1], [0], [float("nan")]),
        "ExplicitList.weights[0]: must be numbers, got nan"),
    "list weight text": (
        lambda b: ExplicitList([1], [0], ["a"]),
        "ExplicitList.weights: must be an array of numbers with 1 dimension"),
    "list delays": (
        connect("p", "q", ExplicitList([0], [0], [1.0], [-2.0]), None), "delays_ms[0]: must be at"),
    "stimulus": (lambda b: b.n.stimulate(b.p, 300.0), "what: must be Poisson or Current, got 300"),
    "current onto source": (lambda b: b.n.stimulate(b.s, Current(pa=1)), "takes no input"),
    "rate per step": (
        lambda b: b.n.stimulate(b.p, Poisson(2e8, 1.0)), "spikes from 0 to 10000, got 200000000"),
    "probe variable": (
        lambda b: b.n.record(b.p, "u"),
        "variable: must be a state variable of FakeModel"),
    "probe of source": (
        lambda b: b.n.record(b.s, "v"),
        "must be a state variable of SpikeSource (none), got 'v'"),
    "probe neuron": (
        lambda b: b.n.record(b.p, "v", neurons=[12]),
        "neurons[0]: must be whole numbers from 0 to 11, got 12"),
    "probe neuron -1": (
        lambda b: b.n.record(b.p, "v", neurons=[-1]),
        "neurons[0]: must be whole numbers from 0 to 11, got -1"),
    "probe neurons": (
        lambda b: b.n.record(b.p, "v", neurons=["a"]),
        "neurons: must be an array of whole numbers"),
    "probe interval": (
        lambda b: b.n.record(b.p, "v", every_ms=0.25), "every_ms: must be a whole number of steps"),
    "probe interval 0": (lambda b: b.n.record(b.p, "v", every_ms=0), "every_ms: must be at least one"),
    "dt 0": (
        lambda b: Network(dt_ms=0.0),
        "Network: dt_ms: must be a number from 1.17549e-38 to 3.40282e+38, got 0"),
    "dt negative": (lambda b: Network(dt_ms=-0.1), ", got -0.1. Choose 0.1"),
    "dt nan": (lambda b: Network(dt_ms=float("nan")), ", got nan"),
    "dt text": (lambda b: Network(dt_ms="0.1"), ", got '0.1'"),
    "seed negative": (
        lambda b: Network(seed=-1),
        "seed: must be a whole number from 0 to 18446744073709551615, got -1. Choose another"),
    "seed large": (lambda b: Network(seed=2**64), ", got 18446744073709551616."),
    "seed float": (lambda b: Network(seed=1.5), ", got 1.5."),
    "network name": (lambda b: Network(name="a b"), "network: name: must be up to 64 letters"),
}  # fmt: skip


@pytest.mark.parametrize(("mistake", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_one_clear_line(mistake, message):
    parts = build()
    before = [len(x) for x in (parts.n.populations, parts.n.projections, parts.n.stimuli)]
    with pytest.raises(NetworkError) as raised:
        mistake(parts)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    after = [len(x) for x in (parts.n.populations, parts.n.projections, parts.n.stimuli)]
    assert before == after, "a refused part must not stay in the network"


def test_a_probe_of_its_own_for_each_variable():
    parts = build()
    parts.n.record(parts.p, "v")
    parts.n.record(parts.p, "refractory", neurons=np.array([3, 3, 1]))
    assert parts.n.probes[0].neurons.tolist() == list(range(12))
    assert parts.n.probes[1].neurons.tolist() == [1, 3]
    with pytest.raises(NetworkError, match="'v' must have one probe at most"):
        parts.n.record(parts.p, "v", neurons=[1])
