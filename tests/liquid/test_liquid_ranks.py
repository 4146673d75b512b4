"""The same states, spikes and traffic on any number of ranks, with one liquid or copies of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures import poisson_lines
from distsnn.liquid.parameters import PRESETS
from distsnn.liquid.respond import respond
from distsnn.simulation import Settings

PER_CORE = 30
SOUNDS = PRESETS["sounds"].with_grid((10, 6, 4))


def liquid(seed):
    column = replace(SOUNDS.column, inhibitory_share=0.25)
    return Liquid(column, SOUNDS.wiring, 40, seed=seed, neurons_per_core=PER_CORE)


def stimuli(seed):
    random = np.random.default_rng(seed)
    return [poisson_lines(40, 50 + 7 * k, 90.0, 1.0, random) for k in range(4)]


def answer(seed, comm, fabric=None, replicas=1):
    settings = Settings(neurons_per_core=PER_CORE, fabric=fabric)
    return respond(liquid(seed), SOUNDS, stimuli(seed), settings, comm, replicas)


@pytest.mark.mpi
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("fabric", ["mesh", "hop"])
def test_ranks_change_nothing(seed, fabric):
    comm = start()
    fabric = None if comm.n_ranks == 1 else fabric
    done = answer(seed, comm, fabric)
    if comm.rank == 0:
        alone = answer(seed, SerialComm())
        assert done.n_spikes > 500
        assert done.digest == alone.digest
        assert done.traffic_digest == alone.traffic_digest
        assert done.n_spikes == alone.n_spikes
        assert done.joules == pytest.approx(alone.joules, rel=1e-12)
    comm.barrier()


@pytest.mark.mpi
def test_copies_give_the_same_states_and_the_same_cost():
    comm = start()
    done = answer(1, comm, replicas=comm.n_ranks)
    if comm.rank == 0:
        alone = answer(1, SerialComm())
        assert done.digest == alone.digest
        assert done.n_spikes == alone.n_spikes
        assert done.n_packets == alone.n_packets
        assert done.joules == pytest.approx(alone.joules, rel=1e-9)
    comm.barrier()
