"""Networks with everything: pieces give the bits of one run, on any number of ranks.

In one process all of a hundred networks are run; on several ranks every fifth.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from everything.random_everything import (
    CONNECTION_RULES,
    INPUTS,
    WEIGHTED_RULES,
    Everything,
    learning_rules,
    models,
)

from distsnn import Simulation, all_models
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.plasticity import all_rules
from distsnn.report.catalogue import STIMULI
from distsnn.simulation import Result

N_NETWORKS = 100
DURATION_MS = 20.0
FEWEST = 3  # networks with each model, rule and input


@cache
def whole(number: int) -> Result:
    """Return the result of one run, in one process."""
    return run(number, SerialComm(), pieces=1)


def run(number: int, comm, pieces: int, touch: bool = False, **settings) -> Result:
    """Run a network in pieces of random lengths; between them all values may be read and set again."""
    everything = Everything(number)
    n_steps = round(DURATION_MS / everything.network.dt_ms)
    rng = np.random.default_rng([number, pieces])
    cuts = np.sort(rng.choice(np.arange(1, n_steps), pieces - 1, replace=False))
    with Simulation(everything.network, comm=comm, **settings) as simulation:
        everything.attach(simulation)
        for length in np.diff([0, *cuts, n_steps]):
            if touch:
                read_and_set(simulation, everything)
            simulation.run(float(length) * everything.network.dt_ms)
        return simulation.result()


def read_and_set(simulation: Simulation, everything: Everything) -> None:
    """Set every state variable and all weights to what they are."""
    for population in everything.targets:
        for name in population.model.states:
            if name not in UNSETTABLE:
                simulation.set(population, **{name: simulation.get(population, name)})
    for projection in everything.network.projections:
        if projection.is_computed:
            continue
        if projection.plasticity is None or projection.plasticity.changes_weights:
            simulation.set_weights(projection, simulation.weights(projection))


UNSETTABLE = {"saturations"}  # counters


def require_equal(result: Result, expected: Result) -> None:
    assert result.digest == expected.digest
    assert result.traffic_digest == expected.traffic_digest
    for key, (neurons, values) in expected.traces.items():
        assert np.array_equal(result.traces[key][0], neurons)
        assert np.array_equal(result.traces[key][1], values)
    for index, table in expected.weight_tables.items():
        assert np.array_equal(result.weight_tables[index].weights, table.weights)


@pytest.mark.parametrize("number", range(N_NETWORKS))
def test_pieces_give_the_bits_of_one_run(number):
    pieces = run(number, SerialComm(), pieces=2 + number % 5, touch=number % 2 == 0)
    require_equal(pieces, whole(number))


@pytest.mark.mpi
@pytest.mark.parametrize("number", range(0, N_NETWORKS, 5))
def test_pieces_are_alike_on_several_ranks(number):
    pieces = run(number, start(), pieces=3, touch=number % 2 == 0, neurons_per_core=32)
    if pieces.is_root:
        expected = whole(number)
        assert pieces.digest == expected.digest
        for key, (_, values) in expected.traces.items():
            assert np.array_equal(pieces.traces[key][1], values)
        for index, table in expected.weight_tables.items():
            assert np.array_equal(pieces.weight_tables[index].weights, table.weights)


def test_everything_there_is_occurs_often_enough():
    counts: dict[str, int] = {}
    for number in range(N_NETWORKS):
        for name in Everything(number).used:
            counts[name] = counts.get(name, 0) + 1
    exist = {*models(), *INPUTS, *CONNECTION_RULES, *WEIGHTED_RULES, *learning_rules()}
    exist |= {"PoissonNeuron", "SpikeSource", "HomeostaticScaling"}
    rare = {name: counts.get(name, 0) for name in exist if counts.get(name, 0) < FEWEST}
    assert not rare


def test_the_tables_hold_all_that_exists():
    from structure.test_twins_exist import connection_rules

    assert set(all_models()) <= {*models(), "PoissonNeuron"}
    assert set(all_rules()) <= set(learning_rules())
    assert {stimulus.__name__ for stimulus in STIMULI} <= {*INPUTS, "SpikeSource"}
    elsewhere = {"ViewRule", "EdgeList", "EdgesOfFile"}
    assert connection_rules() - elsewhere <= {*CONNECTION_RULES, *WEIGHTED_RULES}


def test_the_networks_are_active():
    active = [whole(number).spikes_all.step.size > 300 for number in range(0, N_NETWORKS, 10)]
    assert all(active), active
