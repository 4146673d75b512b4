"""What can be read and set between the pieces of a run."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    AllToAll,
    Current,
    ExplicitList,
    FixedProbability,
    Izhikevich,
    LifExp,
    LoihiCuba,
    Network,
    Normal,
    Poisson,
    Simulation,
    Uniform,
    simulate,
)
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, NetworkError, UsageError
from distsnn.neurons import PoissonNeuron
from distsnn.plasticity import PairStdp, RewardStdp, SumOfProducts, TripletStdp, TsodyksMarkram

OPTIONS = {"neurons_per_core": 40}


def network(rule=None, model=None, **options):
    net = Network(dt_ms=0.1, seed=3)
    e = net.population("e", 100, model or LifExp(), initial={"v": Normal(-60.0, 4.0)})
    i = net.population("i", 30, LifExp())
    share = {"dendritic_share": 0.4} if rule is not None and rule.splits_delay else {}
    net.connect(
        e, e, FixedProbability(0.2), weight=Uniform(20.0, 60.0), delay_ms=Uniform(0.5, 3.0),
        plasticity=rule, **share, **options,
    )  # fmt: skip
    net.connect(i, e, FixedProbability(0.3), weight=-100.0, delay_ms=1.0)
    net.connect(e, i, FixedProbability(0.3), weight=60.0, delay_ms=1.0)
    net.stimulate(e, Poisson(rate_hz=9000.0, weight=90.0))
    return net


def simulation(*arguments, comm=None, **options):
    return Simulation(network(*arguments, **options), comm=comm or start(), **OPTIONS)


@pytest.mark.mpi
def test_setting_what_was_read_changes_nothing():
    whole = simulate(network(PairStdp(w_max=100.0)), duration_ms=20.0, **OPTIONS)
    with simulation(PairStdp(w_max=100.0)) as sim:
        for _ in range(4):
            sim.run(5.0)
            for population in sim.network:
                for name in ("v", "i_e", "i_i", "refractory"):
                    sim.set(population, **{name: sim.get(population, name)})
                sim.set(population, tau_m_ms=sim.get(population, "tau_m_ms"))
            for projection in sim.network.projections:
                sim.set_weights(projection, sim.weights(projection))
        assert sim.result().digest == whole.digest


@pytest.mark.mpi
def test_what_is_read_is_the_same_on_any_ranks():
    with simulation(comm=SerialComm()) as alone, simulation() as together:
        for sim in (alone, together):
            sim.run(7.3)
        e = alone.network.find("e")
        assert np.array_equal(alone.get("e", "v"), together.get("e", "v"))
        assert np.array_equal(alone.get(e[3:9], "v"), alone.get(e, "v")[3:9])
        for a, b in zip(alone.network.projections, together.network.projections, strict=True):
            one, other = alone.connections(a), together.connections(b)
            for name in ("pre", "post", "weights", "delays_ms"):
                assert np.array_equal(getattr(one, name), getattr(other, name))
            assert len(one) > 100


@pytest.mark.mpi
@pytest.mark.parametrize("name", ["tau_m_ms", "v_threshold_mv", "e_l_mv", "i_offset_pa"])
def test_a_parameter_that_was_set_acts_like_one_that_was_given(name):
    values = {"tau_m_ms": 14.0, "v_threshold_mv": -52.0, "e_l_mv": -66.0, "i_offset_pa": 200.0}
    rng = np.random.default_rng(1)
    for given in (values[name], values[name] + rng.uniform(-0.5, 0.5, 100)):
        model = LifExp(**{name: given})
        net = network(None, model)
        if name == "e_l_mv":  # states are kept relative to it, so the same absolute ones differ
            continue
        expected = simulate(net, duration_ms=15.0, **OPTIONS)
        with simulation() as sim:
            sim.set("e", **{name: given})
            sim.run(6.0).run(9.0)
            assert sim.result().digest == expected.digest
            assert np.array_equal(sim.get("e", name), np.broadcast_to(given, 100))


@pytest.mark.mpi
def test_parameters_change_between_pieces_alike_on_any_ranks():
    def digest(comm):
        with simulation(comm=comm) as sim:
            e = sim.network.find("e")
            sim.run(5.0)
            sim.set(e[:50], tau_m_ms=15.0, v_threshold_mv=np.linspace(-51.0, -49.0, 50))
            sim.run(5.0)
            sim.set(e, v=sim.get(e, "v") + 1.0, e_l_mv=-64.0)
            sim.run(5.0)
            sim.set(e, tau_m_ms=10.0, v_threshold_mv=-50.0)
            sim.run(2.5)
            return sim.digest

    expected, got = digest(SerialComm()), digest(start())
    assert got in (expected, "")


def test_moving_rest_keeps_absolute_potentials():
    with simulation() as sim:
        sim.run(3.0)
        before = sim.get("e", "v")
        sim.set("e", e_l_mv=-63.0)
        assert np.abs(sim.get("e", "v") - before).max() < 1e-5


@pytest.mark.mpi
@pytest.mark.parametrize(
    "rule", [None, PairStdp(w_max=100.0), TripletStdp(w_max=100.0), TsodyksMarkram()]
)
def test_weights_that_were_set_act(rule):
    with simulation(rule) as sim:
        projection = sim.network.projections[0]
        connections = sim.connections(projection)
        new = np.random.default_rng(2).uniform(20.0, 60.0, len(connections))
        sim.run(4.0)
        sim.set_weights(projection, new)
        read = sim.weights(projection)
        assert np.abs(read - new).max() <= 60.0 / 32767
        sim.set_weights(projection, read)
        assert np.array_equal(sim.weights(projection), read)
        sim.set_weights(projection, 0.0)
        assert not sim.weights(projection).any()


def test_static_weights_act_as_a_list_with_these_weights_does():
    net = Network(dt_ms=0.1)
    a, b = net.population("a", 5, LifExp()), net.population("b", 4, LifExp())
    net.stimulate(a, Current(pa=600.0))
    projection = net.connect(a, b, AllToAll(), weight=2000.0, delay_ms=1.5)
    with Simulation(net) as sim:
        synapses = sim.connections(projection)
        weights = np.rint(np.linspace(100.0, 2000.0, len(synapses)) * 32767 / 2000) * 2000 / 32767
        sim.set_weights(projection, weights)
        result = sim.run(50.0).result()
    listed = Network(dt_ms=0.1)
    c, d = listed.population("a", 5, LifExp()), listed.population("b", 4, LifExp())
    listed.stimulate(c, Current(pa=600.0))
    listed.connect(c, d, ExplicitList(synapses.pre, synapses.post, weights), delay_ms=1.5)
    expected = simulate(listed, duration_ms=50.0)
    assert len(expected.spikes("b")[0]) > 3
    for name in ("a", "b"):
        for got, wanted in zip(result.spikes(name), expected.spikes(name), strict=True):
            assert np.array_equal(got, wanted)


@pytest.mark.mpi
@pytest.mark.parametrize(
    "rule",
    [
        PairStdp(w_max=100.0),
        TripletStdp(w_max=100.0, pairing="nearest"),
        RewardStdp(w_max=100.0, rewards=tuple((2.0 * k, 1.0) for k in range(1, 10))),
        SumOfProducts("dw = 4*y0*x1 - 2*x0*y1", w_max=100, weight_step=1.0),
    ],
    ids=["pair", "triplet", "reward", "products"],
)
def test_weights_are_kept_while_learning_is_off(rule):
    with simulation(rule) as sim:
        projection = sim.network.projections[0]
        first = sim.weights(projection)
        sim.run(6.0)
        learned = sim.weights(projection)
        sim.learning(False)
        sim.run(6.4)
        assert np.array_equal(sim.weights(projection), learned)
        sim.learning(True, projection)
        sim.run(6.4)
        again = sim.weights(projection)
    assert not np.array_equal(first, learned)
    assert not np.array_equal(again, learned)


def test_switching_learning_on_and_off_at_once_changes_nothing():
    whole = simulate(network(PairStdp(w_max=100.0)), duration_ms=10.0)
    with Simulation(network(PairStdp(w_max=100.0))) as sim:
        sim.run(5.0)
        sim.learning(False)
        sim.learning(True)
        assert sim.run(5.0).result().digest == whole.digest


def test_rates_of_poisson_neurons_follow_what_is_set():
    net = Network(dt_ms=0.5)
    inputs = net.population("in", 100, PoissonNeuron(rate_hz=10.0))
    with Simulation(net) as sim:
        sim.set(inputs, rate_hz=np.where(np.arange(100) < 50, 5.0, 100.0))
        _, neuron = sim.run(2000.0).result().spike_steps("in")
        assert abs(np.sum(neuron < 50) / (50 * 2.0) - 5.0) < 1.0
        assert abs(np.sum(neuron >= 50) / (50 * 2.0) - 100.0) < 4.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda sim: sim.get("x", "v"), "population: must be one of this network"),
        (
            lambda sim: sim.get("e", "w"),
            r"^e: name must be .*a state variable or parameter|^e: name",
        ),
        (
            lambda sim: sim.set("e", v=[1.0]),
            r"^e: v: must be a number, or an array of 100",
        ),
        (lambda sim: sim.set("e", v=float("nan")), "v: must be numbers that float32 holds"),
        (lambda sim: sim.set("e", refractory=0.5), "refractory: must be whole numbers"),
        (lambda sim: sim.set("e", tau_m_ms=-1.0), r"LifExp.tau_m_ms: must be a number above 0"),
        (
            lambda sim: sim.set("e", tau_m_ms=np.linspace(10.0, 1e8, 100)),
            r"population e: time constants: must be at most \d+ steps",
        ),
        (lambda sim: sim.set("e", u=1.0), "e: name"),
        (lambda sim: sim.set_weights(sim.network.projections[0], 61.0), "must be from 0 to"),
        (lambda sim: sim.set_weights(sim.network.projections[0], [1.0]), "synapse"),
        (lambda sim: sim.weights("e"), "Simulation: projection: must be what network.connect"),
        (lambda sim: sim.learning("yes"), "is_on: must be True or False"),
        (lambda sim: sim.learning(False, sim.network.projections[0]), "must be one that learns"),
        (lambda sim: sim.set("e", tau_m_ms=Normal(10.0, 1.0)), "e: tau_m_ms: must be a number, or"),
    ],
)
def test_wrong_calls_give_one_line_and_change_nothing(call, message):
    whole = simulate(network(), duration_ms=5.0)
    with Simulation(network()) as sim:
        sim.run(2.0)
        with pytest.raises((UsageError, NetworkError), match=message) as refused:
            call(sim)
        assert "\n" not in str(refused.value)
        assert isinstance(refused.value, DistsnnError)
        assert sim.run(3.0).result().digest == whole.digest


@pytest.mark.mpi
def test_values_of_one_call_suit_the_model_together():
    low = {"v_threshold_mv": -70.0, "v_reset_mv": -75.0}
    expected = simulate(network(None, LifExp(**low)), duration_ms=15.0, **OPTIONS)
    spread = np.linspace(-0.5, 0.5, 100)
    for given in (low, {name: value + spread for name, value in low.items()}):
        with simulation() as sim:
            sim.set("e", **given)
            sim.set("e", **low)
            assert sim.run(15.0).result().digest == expected.digest
    with simulation() as sim:
        e = sim.network.find("e")
        sim.set(e[:50], **low)
        sim.set(e[50:], **low)
        sim.set(e, v_threshold_mv=-71.0)
        assert sim.get(e, "v_reset_mv").tolist() == [-75.0] * 100


@pytest.mark.mpi
def test_assemblies_have_one_value_for_each_neuron():
    with simulation() as sim:
        e, i = sim.network
        together = i[:10] + e
        values = np.linspace(-64.0, -55.0, 110)
        sim.set(together, v=values, tau_m_ms=values + 80.0)
        assert np.abs(sim.get(together, "v") - values).max() < 1e-5
        assert np.array_equal(sim.get(e, "tau_m_ms"), values[10:] + 80.0)
        sim.set(together, v=-60.0)
        assert sim.get(together, "v").tolist() == [-60.0] * 110


@pytest.mark.mpi
@pytest.mark.parametrize(
    "values",
    [{"v": -60.0, "u": 1.0}, {"v": -60.0, "i_e": 1e39}, {"v": -60.0, "tau_m_ms": -1.0},
     {"v": -60.0, "rate_hz": -1.0}, {"tau_m_ms": 20.0, "t_ref_ms": 0.05}],
)  # fmt: skip
def test_a_call_with_one_wrong_value_sets_none(values):
    with simulation() as sim:
        e = sim.network.find("e")
        names = ("v", "i_e", "tau_m_ms", "t_ref_ms", "rate_hz")
        before = [sim.get(e, name) for name in names]
        with pytest.raises((UsageError, NetworkError)):
            sim.set(e, **values)
        for name, kept in zip(names, before, strict=True):
            assert np.array_equal(sim.get(e, name), kept), name


@pytest.mark.mpi
def test_connections_count_their_synapses():
    with simulation() as sim:
        for projection in sim.network.projections:
            synapses = sim.connections(projection)
            pairs = list(zip(synapses.pre.tolist(), synapses.post.tolist(), strict=True))
            n_source, n_target = projection.source.size, projection.target.size
            into, out = synapses.in_degrees(), synapses.out_degrees()
            assert into.tolist() == [sum(b == k for _, b in pairs) for k in range(n_target)]
            assert out.tolist() == [sum(a == k for a, _ in pairs) for k in range(n_source)]
            matrix = np.zeros((n_source, n_target))
            for (a, b), weight in zip(pairs, synapses.weights, strict=True):
                matrix[a, b] += weight
            assert np.array_equal(synapses.matrix(), matrix)
            assert repr(synapses) == (
                f"Connections({len(pairs)} synapses, {n_source} onto {n_target} neurons)"
            )


@pytest.mark.mpi
def test_functions_are_called_at_multiples_of_their_intervals():
    times = {"a": [], "b": [], "c": []}
    with simulation() as sim:
        stop = sim.every(2.0, lambda sim: times["a"].append(round(sim.time_ms, 6)))
        sim.run(3.0)
        sim.every(1.5, lambda sim: times["b"].append(round(sim.time_ms, 6)))
        end = sim.every(2.0, lambda sim: (times["c"].append(round(sim.time_ms, 6)), end()))
        sim.run(3.5)
        stop()
        stop()
        sim.reset()
        sim.run(4.0)
    assert times == {"a": [2.0, 4.0, 6.0], "b": [4.5, 6.0, 1.5, 3.0], "c": [4.0]}


@pytest.mark.mpi
def test_pieces_between_calls_change_nothing():
    whole = simulate(network(PairStdp(w_max=100.0)), duration_ms=15.0, **OPTIONS)
    with simulation(PairStdp(w_max=100.0)) as sim:
        sim.every(0.7, lambda sim: sim.get("e", "v"))
        sim.run(8.2).run(6.8)
        assert sim.digest == whole.digest
        sim.every(1.0, lambda sim: sim.run(1.0))
        with pytest.raises(UsageError, match=r"^Simulation\.run: must be outside the functions"):
            sim.run(1.0)


def test_what_decides_about_the_code_of_a_model_cannot_be_set():
    net = Network(dt_ms=1.0)
    net.population("e", 20, LoihiCuba())
    with Simulation(net) as sim:
        for value in (8, 8 + np.arange(20) % 2):
            with pytest.raises(NetworkError, match="leave weight_quanta as it is in the popul"):
                sim.set("e", weight_bits=value)


@pytest.mark.parametrize(
    ("model", "given", "state"),
    [(LoihiCuba(), {"bias_mantissa": 7}, "bias"), (Izhikevich(), {"c_mv": -50.0}, "c")],
)
def test_what_only_begins_a_state_is_not_taken_silently(model, given, state):
    net = Network(dt_ms=1.0)
    net.population("e", 5, model)
    with Simulation(net) as sim:
        with pytest.raises(UsageError, match=f"acts on running neurons.* Set the state: .*{state}"):
            sim.set("e", **given)
        sim.set("e", **{name: sim.get("e", name) for name in given})


def test_counted_and_recorded_spikes_have_one_digest_after_a_clear():
    digests = set()
    for wanted in (True, False):
        net = network()
        net.record_spikes("e", wanted)
        with Simulation(net) as sim:
            sim.run(10.0)
            sim.clear()
            digests.add(sim.run(10.0).digest)
    assert len(digests) == 1
