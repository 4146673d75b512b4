"""What a run refuses before it builds anything, and what stands twice in a description."""

from __future__ import annotations

import math

import pytest

from distsnn.core import memory_estimate
from distsnn.errors import CapacityError, NetworkError, UsageError
from distsnn.network import ExplicitList, FixedInDegree, FixedTotalNumber, Network
from distsnn.neurons import LifAlpha, LifExp, LoihiCuba
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import Current


def small(n: int = 3) -> Network:
    net = Network(dt_ms=0.1)
    net.population("a", n, LifExp())
    return net


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"settings": Settings(), "chip": "truenorth"}, "settings: .* got 'it and chip'"),
        ({"threads": 2}, "option: must be one of duration_ms, .*, chip, placement, .* 'threads'"),
        ({"settings": "loihi"}, "settings: must be an instance of Settings, got 'loihi'"),
        ({"placement": "nonsense"}, "Settings.placement: must be one of near, random, rows"),
        ({"fabric": "string"}, "Settings.fabric: must be one of"),
        ({"neurons_per_core": 1.5}, "Settings.neurons_per_core: must be a whole number"),
        ({"strict": 1}, "Settings.strict: must be True or False, got 1"),
        ({"chip": 3}, "Settings.chip: must be a name, the path of a file or a Chip, got 3"),
        ({"duration_ms": math.nan}, "duration_ms: must be a number, got nan"),
        ({"duration_ms": math.inf}, "duration_ms: .* got inf"),
        ({"duration_ms": 1e12}, "duration_ms: must be at most 2147483647 steps"),
        ({"duration_ms": "5"}, "duration_ms: must be a number, got '5'"),
        ({"duration_ms": 0.01}, "duration_ms: must be at least one step of 0.1 ms, got 0.01"),
    ],
)  # fmt: skip
def test_arguments_of_a_run(arguments, message):
    with pytest.raises(UsageError, match=message):
        simulate(small(), **{"duration_ms": 1.0, **arguments})


def test_a_network_without_neurons():
    with pytest.raises(NetworkError, match="must have at least one population, got none"):
        simulate(Network(), duration_ms=1.0)


def test_memory_is_foreseen_before_anything_is_built(monkeypatch):
    net = small(10**6)
    net.connect("a", "a", FixedInDegree(10_000), weight=1.0)
    monkeypatch.setattr(memory_estimate, "available_bytes", lambda: 8e9)
    monkeypatch.setattr("distsnn.running.building.make_plan", lambda *_: pytest.fail("built"))
    with pytest.raises(CapacityError, match=r"1,000,000 neurons.*got about 46\.\d GB"):
        simulate(net, duration_ms=1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weight": 1.0}, "weight: must be left out, since the list of synapses has its own"),
        ({"delay_ms": 1.0}, "delay_ms: must be left out, since the list of synapses has its own"),
    ],
)
def test_what_a_list_has_is_not_given_beside_it(arguments, message):
    net = small()
    listed = ExplicitList([0], [1], [2.0], [0.5])
    with pytest.raises(NetworkError, match=message):
        net.connect("a", "a", listed, **arguments)
    assert net.connect("a", "a", listed).weight.values.tolist() == [2.0]


@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        (FixedInDegree(1, autapses=False), "Allow autapses, or connect more neurons"),
        (FixedTotalNumber(1, autapses=False), "Allow autapses, or connect more neurons"),
        (FixedInDegree(2, multapses=False), r"Lower it, or allow multapses\."),
    ],
)
def test_the_remedy_is_one_that_helps(rule, remedy):
    with pytest.raises(NetworkError, match=remedy):
        small(1).connect("a", "a", rule, weight=1.0)


def test_a_current_has_no_receptor():
    with pytest.raises(NetworkError, match="receptor: must be None for a Current"):
        small().stimulate("a", Current(1.0), receptor="inhibitory")


def test_constants_name_the_parameter_that_float32_cannot_hold():
    net = Network(dt_ms=0.1)
    with pytest.raises(NetworkError, match=r"population 'x': LifExp\.c_m_pf: must be such that"):
        net.population("x", 1, LifExp(c_m_pf=1e-40))
    with pytest.raises(NetworkError, match=r"LifExp: t_ref_ms: must be"):
        net.population("x", 1, LifExp(t_ref_ms=1e30))


@pytest.mark.parametrize("model", [LifExp, LifAlpha])
def test_synapses_much_faster_than_a_step_leave_nothing(model):
    net = Network(dt_ms=1.0)
    net.population("x", 1, model(tau_syn_e_ms=1e-3, tau_syn_i_ms=1e-3))
    assert simulate(net, duration_ms=5.0).spikes("x")[0].size == 0


@pytest.mark.parametrize(
    ("model", "initial", "message"),
    [
        (LifExp(), {"v": 1e39}, "initial v: must be a number that float32 holds, got 1e[+]39"),
        (LifExp(), {"refractory": 0.5}, "initial refractory: must be a whole number, got 0.5"),
        (LoihiCuba(), {"bias": 2**31}, "initial bias: must be a whole number from -2147483648"),
        (LifExp(), {"v": [1.0, 2.0]}, "initial v: must be an array of 1 numbers, one per neuron"),
    ],
)  # fmt: skip
def test_initial_states_are_what_their_type_holds(model, initial, message):
    with pytest.raises(NetworkError, match=message):
        Network().population("x", 1, model, initial=initial)


def test_many_projections_ask_for_each_key_once():
    from distsnn.kernels.numbers.threefry import stream_key

    net = Network(dt_ms=0.1)
    for k in range(20):
        net.population(f"p{k}", 5, LifExp())
    for source in net.populations:
        for target in net.populations:
            net.connect(source, target, FixedInDegree(2), weight=1.0)
    stream_key.cache_clear()
    simulate(net, duration_ms=1.0)
    found = stream_key.cache_info()
    assert found.misses <= 3 * len(net.projections)  # sources, weights, delays
    assert found.hits >= found.misses
