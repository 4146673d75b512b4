"""A recording that is played gives the bits of a run of it alone, whatever was played before.

Under ``mpirun -n R python -m pytest --with-mpi`` the player runs on all R ranks and what it gives is
compared with runs on one.
"""

from __future__ import annotations

import numpy as np
import pytest
from random_recordings import (
    played_network,
    player_for,
    random_order,
    random_recordings,
    random_settings,
    run_alone,
)

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.simulation import Result

QUICK, ALL = 10, 200
QUICK_WITH_RANKS = 5
NUMBERS = [
    *range(QUICK),
    *(pytest.param(k, marks=pytest.mark.slow) for k in range(QUICK, ALL)),
]
NUMBERS_WITH_RANKS = [
    *range(QUICK_WITH_RANKS),
    *(pytest.param(k, marks=pytest.mark.slow) for k in range(QUICK_WITH_RANKS, ALL)),
]


def require_same(number, comm, fabric=None):
    """Play recordings in a random order, in parts and one by one; compare each with a run of it."""
    settings = random_settings(number)
    recordings = random_recordings(number)
    order = random_order(number, len(recordings))
    with player_for(number, random_settings(number, fabric=fabric), comm) as player:
        half = len(order) // 2
        heard = player.play([recordings[k] for k in order[:half]])
        runs = [player.run(recordings[k]) for k in order]
        heard += player.play([recordings[k] for k in order[half:]])
        counters = player.finish()
    if comm.rank != 0:
        return
    alone = [run_alone(number, one, settings, SerialComm()) for one in recordings]
    for k, one, run in zip(order, heard, runs, strict=True):
        expected = alone[k]
        assert np.array_equal(one.step, expected.spikes_all.step)
        assert np.array_equal(one.gid, expected.spikes_all.gid)
        assert_same_samples(one.traces, one.weight_tables, expected)
        assert run.n_steps == expected.n_steps
        assert run.digest == expected.digest
        assert run.traffic_digest == expected.traffic_digest
        assert run.saturations == expected.saturations
        assert np.array_equal(run.spikes_all.gid, expected.spikes_all.gid)
        assert_same_samples(run.traces, run.weight_tables, expected)
    assert_sum(counters, [alone[k].counters for k in [*order, *order]])


def assert_same_samples(traces, tables, expected: Result):
    assert traces.keys() == expected.traces.keys()
    for key, (neurons, values) in traces.items():
        assert np.array_equal(neurons, expected.traces[key][0])
        assert np.array_equal(values, expected.traces[key][1])
    assert tables.keys() == expected.weight_tables.keys()
    for key, table in tables.items():
        for name in ("pre", "post", "delays_ms", "times_ms", "weights"):
            assert np.array_equal(getattr(table, name), getattr(expected.weight_tables[key], name))


def assert_sum(counters, parts):
    assert counters.n_steps == sum(one.n_steps for one in parts)
    assert counters.in_tile_packets == sum(one.in_tile_packets for one in parts)
    for name in ("link_packets", "packets_sent", "packets_received", "synaptic_events", "spikes"):
        total = sum(getattr(one, name) for one in parts)
        assert np.array_equal(getattr(counters, name), total), name


@pytest.mark.parametrize("number", NUMBERS)
def test_recordings_equal_runs_of_their_own(number):
    require_same(number, SerialComm())


def test_what_is_played_is_active_and_learns():
    """The networks above have spikes, packets, learning, noise and large chips to be wrong about."""
    n_spikes, n_learning, kinds = [], 0, set()
    for number in range(QUICK):
        longest = max(random_recordings(number), key=lambda one: one.step.size)
        run = run_alone(number, longest, random_settings(number), SerialComm())
        n_spikes.append(run.spikes_all.step.size)
        n_learning += any((t.weights[0] != t.weights[-1]).any() for t in run.weight_tables.values())
        kinds |= {type(p.model).__name__ for p in run.network.populations}
        kinds |= {type(p.plasticity).__name__ for p in run.network.projections}
        kinds.add("large" if run.chip.n_cores > 512 else "small")
    assert np.median(n_spikes) > 50
    assert n_learning > QUICK // 4
    assert kinds >= {
        "PoissonNeuron", "LoihiCuba", "PairStdp", "RewardStdp", "SumOfProducts", "TsodyksMarkram",
        "large", "small",
    }  # fmt: skip


@pytest.mark.mpi
@pytest.mark.parametrize("fabric", ["mesh", "hop"])
@pytest.mark.parametrize("number", NUMBERS_WITH_RANKS)
def test_ranks_change_nothing(number, fabric):
    comm = start()
    require_same(number, comm, None if comm.n_ranks == 1 else fabric)
    comm.barrier()


def test_networks_differ():
    sizes = {played_network(number).n_neurons for number in range(QUICK)}
    assert len(sizes) > 3
