"""The description as text: everything in it counts, and nothing that is not part of it."""

from __future__ import annotations

import copy
import functools
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.network import (
    ExplicitList,
    FixedInDegree,
    Network,
    Normal,
    Shared,
    Uniform,
)
from distsnn.network.fingerprint import derived, describe, describe_network
from distsnn.neurons import Izhikevich, LifExp
from distsnn.plasticity import PairStdp, RewardStdp
from distsnn.stimuli import Current, Poisson, SpikeSource


def network(**changes: Any) -> Network:
    """A network with one of each kind of part; ``changes`` replace single values."""

    def given(name: str, value: Any) -> Any:
        return changes.get(name, value)

    rng = np.random.default_rng(given("rng", 5))
    net = Network(dt_ms=given("dt_ms", 0.5), seed=given("seed", 3), name=given("name", "all"))
    times = rng.uniform(0.0, 90.0, 2000)
    times[1000] = given("time", times[1000])
    given_spikes = SpikeSource(times, rng.integers(0, 50, 2000), n_sources=50, measured=True)
    source = net.population("in", 50, given_spikes)
    a = net.population("a", given("size", 40), LifExp(tau_m_ms=given("tau_m_ms", 10.0)),
                       initial={"v": Uniform(-70.0, given("v", -55.0))})  # fmt: skip
    b = net.population("b", 10, Izhikevich(), initial={"u": Shared("r", 0.0, given("shared", 2.0))})
    net.connect(source, a, FixedInDegree(given("k", 5)), weight=Normal(30.0, given("sd", 1.0)))
    post = np.arange(3000) % 40
    weights = rng.uniform(1.0, 2.0, 3000)
    weights[1500] = given("weight", weights[1500])
    listed = ExplicitList(pre=np.arange(3000) % 10, post=post, weights=weights)
    net.connect(b, a, listed, delay_ms=given("delay_ms", 2.0))
    learned = net.connect(a, b, FixedInDegree(2), weight=1.0, delay_ms=1.0,
                          plasticity=PairStdp(w_max=given("w_max", 5.0)))  # fmt: skip
    net.stimulate(a, Poisson(rate_hz=given("rate_hz", 800.0), weight=10.0))
    net.stimulate(b, Current(given("pa", 3.0)))
    hz = np.linspace(0.0, 90.0, 30)
    hz[17] = given("hz", hz[17])
    net.stimulate(a[given("first", 2) : 32], Poisson(hz[: 32 - given("first", 2)], weight=1.0))
    net.record(a, "v", neurons=given("neurons", [1, 2, 3]))
    net.record_weights(learned, every_ms=given("every_ms", 10.0))
    net.record_spikes(b, given("recorded", True))
    return net


def test_the_same_description_gives_the_same_text():
    assert describe_network(network()) == describe_network(network())
    assert describe_network(network()) == describe_network(copy.deepcopy(network()))


@pytest.mark.parametrize(
    ("what", "value", "named"),
    [
        ("dt_ms", 0.25, "dt_ms"), ("seed", 4, "seed"), ("name", "other", "name"),
        ("time", 45.0, "population 'in': model"), ("size", 80, "population 'a': size"),
        ("tau_m_ms", 11.0, "population 'a': model"), ("v", -56.0, "population 'a': initial"),
        ("shared", 2.5, "population 'b': initial"), ("k", 6, "projection in -> a: rule"),
        ("sd", 1.0 + 1e-15, "projection in -> a: weight"),
        ("weight", 1.25, "projection b -> a: rule"), ("delay_ms", 2.5, "projection b -> a: delay"),
        ("w_max", 6.0, "projection a -> b: plasticity"), ("rate_hz", 801.0, "Stimulus of a: what"),
        ("pa", 4.0, "Stimulus of b: what"), ("hz", 50.0, "Stimulus of a: what"),
        ("first", 3, "Stimulus of a: what"), ("neurons", [1, 2, 4], "Probe of a: neurons"),
        ("every_ms", 20.0, "WeightProbe of projection a -> b: every_ms"),
        ("recorded", False, "unrecorded"),
    ],
)  # fmt: skip
def test_every_single_value_counts(what, value, named):
    """Also those in the middle of long arrays, and the last bit of a float."""
    pairs, others = describe_network(network()), describe_network(network(**{what: value}))
    differing = [label for (label, a), (_, b) in zip(pairs, others, strict=True) if a != b]
    assert differing
    assert named in differing[0]


def leaves(value: Any, place: str = "") -> list[tuple[str, Any]]:
    """All numbers of nested dataclasses."""
    found = []
    for one in fields(value):
        inner = getattr(value, one.name)
        if is_dataclass(inner):
            found += leaves(inner, f"{place}{one.name}.")
        elif isinstance(inner, (int, float)) and not isinstance(inner, bool):
            found.append((f"{place}{one.name}", inner))
    return found


def changed(value: Any, place: str) -> Any:
    name, _, rest = place.partition(".")
    inner = getattr(value, name)
    made = copy.copy(value)
    object.__setattr__(made, name, changed(inner, rest) if rest else inner + 1)
    return made


def test_every_number_of_a_chip_counts():
    chip = load_chip("loihi")
    before = describe("chip", chip)
    places = leaves(chip)
    assert len(places) > 10
    for place, _ in places:
        assert describe("chip", changed(chip, place)) != before, place


def test_what_is_shared_or_equal_makes_no_difference():
    """Whether two populations have one model object or two equal ones is no part of a description."""
    one, two = Network(seed=1), Network(seed=1)
    model = LifExp()
    for net, models in ((one, (model, model)), (two, (LifExp(), replace(model)))):
        for name, its in zip("ab", models, strict=True):
            net.population(name, 3, its)
    assert describe_network(one) == describe_network(two)


def test_objects_that_nobody_knows():
    """A user's own classes are told by what is in them, never by where they lie in memory."""

    class Own:
        def __init__(self, value):
            self.value, self.itself = value, self

    class Bare:
        __slots__ = ()

    assert describe("x", Own(np.arange(4))) == describe("x", Own(np.arange(4)))
    assert describe("x", Own(np.arange(4))) != describe("x", Own(np.arange(1, 5)))
    assert describe("x", Bare()) == describe("x", Bare())
    assert describe("x", [Bare, len]) == describe("x", [Bare, len])
    assert describe("x", {"b": 1, "a": {3, 1, 2}}) == describe("x", {"b": 1, "a": {2, 3, 1}})


def test_cached_values_do_not_count():
    """One rank may have computed them and another not."""

    class Lazy:
        def __init__(self, value):
            self.value = value

        @functools.cached_property
        def double(self):
            return 2 * self.value

    used, unused = Lazy(3), Lazy(3)
    assert used.double == 6
    assert describe("x", used) == describe("x", unused)
    assert describe("x", used) != describe("x", Lazy(4))


def test_functions_count_by_their_names():
    """Also functions within an object that calls them, as compiled ones are."""

    def first(x):
        return x

    class Compiled:
        def __init__(self, function):
            functools.update_wrapper(self, function)
            self.address = id(self)

        def __call__(self, x):
            return x

    ((_, text),) = describe("x", first)
    assert text == f"{__name__}.{first.__qualname__}"
    assert describe("x", Compiled(first)) == describe("x", first)
    assert describe("x", first) != describe("x", describe)


def test_a_modulation_is_named_after_its_projection():
    net = Network()
    a = net.population("a", 3, LifExp())
    rewarded = net.connect(
        a, a, FixedInDegree(1), weight=1.0, delay_ms=1.0, plasticity=RewardStdp(w_max=5.0)
    )
    net.modulate(rewarded, a, amount=0.25, delay_ms=1.0)
    assert ("Modulation of projection a -> a: amount", "0.25") in describe_network(net)


def test_arrays_differ_by_type_and_shape():
    zeros = np.zeros(4)
    texts = {
        describe("x", array)[0][1]
        for array in (zeros, zeros.reshape(2, 2), zeros.astype(np.float32), zeros.astype(np.int64))
    }
    assert len(texts) == 4


def test_derived_numbers_count():
    net = network()
    assert derived(net, batch=1) == derived(net, batch=1)
    assert derived(net, batch=1) != derived(net, batch=2)
    assert derived(net) != derived(network(rate_hz=801.0))
