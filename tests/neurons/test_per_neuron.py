"""A population whose neurons differ gives the bits of one population for each of its neurons."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from distsnn import (
    AllToAll,
    Current,
    LifExp,
    Network,
    Normal,
    Poisson,
    Simulation,
    SpikeSource,
    Uniform,
    all_models,
    simulate,
)
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.neurons.model import kernel_of_model

N = 24
MODELS = {name: model for name, model in all_models().items() if not model().is_source}


def varied(model, rng):
    """Return the float parameters of a model, each with values around its default."""
    values = {}
    for field in fields(model):
        default = getattr(model(), field.name)
        is_number = isinstance(default, float) and field.name != "t_ref_ms"
        if is_number and np.isfinite(default):
            values[field.name] = default * rng.uniform(0.98, 1.02, N)
    return values


def driven(network, population, start):
    amplitude = 100.0 if population.model.weight_unit == "pA" else 1.0
    network.stimulate(population, Current(pa=10.0 * amplitude))
    spikes = SpikeSource([1.0, 2.0, 3.0, 6.0], [0, 0, 0, 0])
    source = network.population(f"in{start}", 1, spikes)
    network.connect(source, population, AllToAll(), weight=3.0 * amplitude, delay_ms=1.0)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_each_neuron_is_what_a_population_of_its_own_is(name):
    model = MODELS[name]
    values = varied(model, np.random.default_rng(len(name)))
    dt_ms = 1.0 if model().weight_quanta else 0.1
    together = Network(dt_ms=dt_ms)
    try:
        population = together.population("e", N, model(**values))
    except NetworkError:  # some combinations are wrong, or it takes whole numbers only
        pytest.skip(f"{name} has parameters that cannot vary together")
    driven(together, population, 0)
    variables = [name for name, dtype in population.model.states.items() if dtype == "f4"]
    for variable in variables:
        together.record(population, variable)
    result = simulate(together, duration_ms=200 * dt_ms, neurons_per_core=16, comm=SerialComm())
    for k in range(0, N, 5):
        alone = Network(dt_ms=dt_ms)
        own = {key: float(column[k]) for key, column in values.items()}
        one = alone.population("e", 1, model(**own))
        driven(alone, one, 0)
        for variable in variables:
            alone.record(one, variable)
        expected = simulate(alone, duration_ms=200 * dt_ms, comm=SerialComm())
        step, neuron = result.spike_steps("e")
        assert np.array_equal(step[neuron == k], expected.spike_steps("e")[0])
        for variable in variables:
            traces = result.traces["e", variable][1]
            assert np.array_equal(traces[:, k], expected.traces["e", variable][1][:, 0]), variable


def drawn_network():
    network = Network(dt_ms=0.1, seed=11)
    model = LifExp(
        tau_m_ms=Normal(20.0, 2.0), v_threshold_mv=Uniform(-52.0, -48.0), t_ref_ms=Uniform(1.0, 4.0)
    )
    e = network.population("e", 300, model, initial={"v": np.linspace(-65.0, -55.0, 300)})
    network.stimulate(e, Poisson(rate_hz=8000.0, weight=90.0))
    network.record(e, "v", every_ms=1.0)
    return network


def test_drawn_parameters_do_not_depend_on_cores():
    digests = {
        simulate(drawn_network(), duration_ms=60.0, comm=SerialComm(), **options).digest
        for options in (
            {},
            {"neurons_per_core": 37},
            {"placement": "random", "neurons_per_core": 64},
        )
    }
    assert len(digests) == 1


@pytest.mark.mpi
def test_drawn_parameters_do_not_depend_on_ranks():
    alone = simulate(drawn_network(), duration_ms=60.0, comm=SerialComm(), neurons_per_core=50)
    together = simulate(drawn_network(), duration_ms=60.0, neurons_per_core=50)
    if together.is_root:
        assert together.digest == alone.digest
        assert together.spikes("e")[0].size > 100


def test_only_what_varies_is_read_per_neuron():
    kernel = kernel_of_model(LifExp())
    assert kernel.per_neuron(()) is kernel
    assert kernel.per_neuron((0, 3)) is kernel.per_neuron((0, 3))
    assert kernel.per_neuron((0, 3)) is not kernel.per_neuron((0,))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tau_m_ms": [10.0, 20.0]}, r"tau_m_ms: must be an array of 4 numbers.*got '2 numbers'"),
        ({"tau_m_ms": [10.0, 20.0, -1.0, 5.0]}, r"tau_m_ms: must be .*above 0"),
        ({"tau_m_ms": [1e7, 10.0, 10.0, 10.0]}, r"time constants: must be at most \d+ steps"),
        ({"v_reset_mv": Normal(-51.0, 2.0)}, r"v_reset_mv: must be below v_threshold_mv"),
        ({"t_ref_ms": [1.0, 1.05, 2.0, 2.0]}, r"t_ref_ms.*must be a whole number of steps"),
        ({"tau_m_ms": [[10.0] * 4]}, r"tau_m_ms: must be an array of numbers with 1 dimension"),
    ],
)
def test_wrong_values_are_refused_in_one_line(parameters, message):
    network = Network(dt_ms=0.1)
    with pytest.raises(NetworkError, match=message) as refused:
        network.population("e", 4, LifExp(**parameters))
    assert "\n" not in str(refused.value)


def test_drawn_refractory_times_go_to_the_nearest_step():
    """Also the median of a truncated distribution, which is between steps."""
    network = Network(dt_ms=0.1, seed=1)
    e = network.population("e", 300, LifExp(t_ref_ms=Normal(2.0, 0.5, low=0.0)))
    with Simulation(network) as sim:
        steps = sim.get(e, "t_ref_ms") / 0.1
    assert np.abs(steps - np.rint(steps)).max() < 1e-9
    assert len(np.unique(np.rint(steps))) > 10


def test_given_values_need_to_suit_the_model_neuron_by_neuron():
    """Thresholds of some neurons are below the reset of others."""
    thresholds = np.where(np.arange(40) < 10, -70.0, -50.0)
    model = LifExp(v_threshold_mv=thresholds, v_reset_mv=thresholds - 5.0, tau_m_ms=Normal(10, 1))
    network = Network(dt_ms=0.1, seed=1)
    e = network.population("e", 40, model, initial={"v": -80.0})
    with Simulation(network) as sim:
        assert sim.run(1.0).get(e, "v_reset_mv").tolist() == (thresholds - 5.0).tolist()
    wrong = LifExp(v_threshold_mv=thresholds, v_reset_mv=thresholds[::-1] - 5.0)
    with pytest.raises(NetworkError, match="v_reset_mv: must be below"):
        network.population("wrong", 40, wrong)
