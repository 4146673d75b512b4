"""A run in pieces gives the bits of one run, and a reset those of a new simulation."""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import random_network, uneven_network

from distsnn import (
    FixedProbability,
    LifExp,
    Network,
    Normal,
    Poisson,
    Simulation,
    Uniform,
    simulate,
)
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import UsageError
from distsnn.plasticity import PairStdp, TripletStdp, TsodyksMarkram

N_STEPS = 300
N_NETWORKS = 100


def pieces_of(number: int, n_steps: int) -> list[int]:
    """Return random lengths, in steps, that add up to ``n_steps``."""
    rng = np.random.default_rng([number, 4])
    cuts = np.sort(rng.choice(np.arange(1, n_steps), int(rng.integers(1, 6)), replace=False))
    return np.diff([0, *cuts, n_steps]).tolist()


def require_equal(whole, pieces):
    assert pieces.digest == whole.digest
    assert pieces.traffic_digest == whole.traffic_digest
    assert pieces.traces.keys() == whole.traces.keys()
    for key, (neurons, values) in whole.traces.items():
        assert np.array_equal(pieces.traces[key][0], neurons)
        assert np.array_equal(pieces.traces[key][1], values)
    for index, table in whole.weight_tables.items():
        assert np.array_equal(pieces.weight_tables[index].times_ms, table.times_ms)
        assert np.array_equal(pieces.weight_tables[index].weights, table.weights)


def run_pieces(simulation, number):
    for n in pieces_of(number, N_STEPS):
        simulation.run(n * simulation.network.dt_ms)
    return simulation.result()


@pytest.mark.parametrize("number", range(N_NETWORKS))
def test_pieces_of_random_networks_give_the_bits_of_one_run(number):
    comm = SerialComm()
    make = uneven_network if number % 4 == 3 else random_network
    whole = simulate(make(number), duration_ms=N_STEPS * make(number).dt_ms, comm=comm)
    with Simulation(make(number), comm=comm) as simulation:
        require_equal(whole, run_pieces(simulation, number))
        simulation.reset()
        require_equal(whole, run_pieces(simulation, number + 1000))


def plastic_network(rule, recorded=True):
    network = Network(dt_ms=0.1, seed=5)
    e = network.population("e", 120, LifExp(), initial={"v": Normal(-60.0, 4.0)})
    projection = network.connect(
        e, e, FixedProbability(0.2), weight=Uniform(20.0, 60.0), delay_ms=Uniform(0.5, 3.0),
        plasticity=rule, dendritic_share=0.3 if rule.changes_weights else 0.0,
    )  # fmt: skip
    network.stimulate(e, Poisson(rate_hz=9000.0, weight=90.0))
    if recorded:
        network.record_weights(projection, every_ms=0.7)
    return network


RULES = {
    "pair": lambda: PairStdp(w_max=100.0),
    "triplet": lambda: TripletStdp(w_max=100.0),
    "short-term": lambda: TsodyksMarkram(),
}


@pytest.mark.mpi
@pytest.mark.parametrize("name", RULES)
def test_pieces_of_learning_networks_give_the_bits_of_one_run(name):
    comm, recorded = start(), name != "short-term"
    whole = simulate(plastic_network(RULES[name](), recorded), duration_ms=30.0, comm=comm)
    with Simulation(plastic_network(RULES[name](), recorded), comm=comm) as simulation:
        require_equal(whole, run_pieces(simulation, 7))
        simulation.reset()
        require_equal(whole, run_pieces(simulation, 8))


@pytest.mark.mpi
@pytest.mark.parametrize("number", range(0, N_NETWORKS, 5))
def test_pieces_are_alike_on_several_ranks(number):
    duration_ms = N_STEPS * random_network(number).dt_ms
    whole = simulate(random_network(number), duration_ms=duration_ms, comm=SerialComm())
    with Simulation(random_network(number), comm=start(), neurons_per_core=40) as simulation:
        pieces = run_pieces(simulation, number)
    if pieces.is_root:
        assert pieces.digest == whole.digest


def test_a_closed_simulation_runs_no_more():
    simulation = Simulation(random_network(1))
    simulation.close()
    with pytest.raises(UsageError, match=r"^Simulation: must be open, got a closed one\. "):
        simulation.run(1.0)


@pytest.mark.parametrize("duration", [0.0, -1.0, 0.25, "1", float("nan"), 1e12])
def test_wrong_durations_are_refused(duration):
    network = Network(dt_ms=0.1)
    network.population("e", 3, LifExp())
    with (
        Simulation(network) as simulation,
        pytest.raises(UsageError, match=r"^Simulation\.run: duration_ms"),
    ):
        simulation.run(duration)


@pytest.mark.mpi
def test_what_was_recorded_is_forgotten_but_the_run_goes_on():
    network = plastic_network(PairStdp(w_max=100.0))
    network.record("e", "v", every_ms=0.7)
    whole = simulate(network, duration_ms=20.0)
    with Simulation(network) as simulation:
        simulation.run(7.7)
        simulation.clear()
        simulation.run(5.0).run(7.3)
        late = simulation.result()
    if not whole.is_root:
        return
    step, neuron = whole.spike_steps("e")
    kept = step >= 77
    assert late.spike_steps("e")[0].tolist() == (step[kept] - 77).tolist()
    assert late.spike_steps("e")[1].tolist() == neuron[kept].tolist()
    assert late.n_steps == 123
    times, values = late.sample_times("e", "v"), late.traces["e", "v"][1]
    assert np.array_equal(values, whole.traces["e", "v"][1][11:])  # 77 steps are 11 samples
    assert len(times) == len(values)
    assert np.array_equal(late.weight_tables[0].weights, whole.weight_tables[0].weights[11:])
    assert np.array_equal(late.counters.packets_of_step, whole.counters.packets_of_step[77:])
