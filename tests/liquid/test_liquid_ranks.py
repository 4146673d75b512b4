"""The same states, spikes and traffic on any number of ranks, with one liquid or copies of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.liquid.classify.training import train
from distsnn.liquid.inputs.samples import Sample, Samples
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.probes import poisson_inputs
from distsnn.liquid.presets import PRESETS
from distsnn.liquid.respond import respond
from distsnn.plasticity import PairStdp
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import SpikeSource

PER_CORE = 30
SOUNDS = PRESETS["sounds"].with_grid((10, 6, 4))


def liquid(seed):
    column = replace(SOUNDS.column, inhibitory_share=0.25)
    return Liquid(column, SOUNDS.wiring, 40, seed=seed, neurons_per_core=PER_CORE)


def stimuli(seed):
    random = np.random.default_rng(seed)
    return [poisson_inputs(40, 50 + 7 * k, 90.0, 1.0, random) for k in range(4)]


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
def test_dynamic_synapses_and_trained_read_outs_do_not_depend_on_ranks():
    comm = start()
    done = trained(comm)
    if comm.rank == 0:
        alone = trained(SerialComm())
        assert done.responses.digest == alone.responses.digest
        assert done.responses.traffic_digest == alone.responses.traffic_digest
        for one, other in (
            (done.liquid, alone.liquid),
            (done.without_recurrence, alone.without_recurrence),
        ):
            assert one.readout.weights.any()
            assert one.readout.weights.tobytes() == other.readout.weights.tobytes()
            assert one.alpha == other.alpha
            assert (one.scores[0].predicted == other.scores[0].predicted).all()
    comm.barrier()


def trained(comm):
    which = liquid(3)
    which = replace(which, column=replace(which.column, synapses="dynamic"))
    items = tuple(Sample(Path(f"{k}.wav"), str(k % 2), "", k) for k in range(12))
    random = np.random.default_rng(5)
    lines = [poisson_inputs(40, 50, 60.0 + 60.0 * (k % 2), 1.0, random) for k in range(12)]
    settings = Settings(neurons_per_core=PER_CORE)
    return train(Samples("sounds", items), lines, which, SOUNDS, settings, comm)


@pytest.mark.mpi
def test_a_liquid_that_learns_gives_the_same_weights_spikes_and_traffic_on_any_ranks():
    comm = start()
    found = learned(comm)
    if comm.rank == 0:
        alone = learned(SerialComm())
        assert found == alone
        assert found["changed"] > 20
    comm.barrier()


def learned(comm):
    """STDP from excitatory onto excitatory neurons; None on other ranks than the first."""
    net = liquid(4).network(learning={"EE": PairStdp(w_max=400.0, a_plus=0.02, a_minus=0.021)})
    lines = poisson_inputs(40, 150, 90.0, 1.0, np.random.default_rng(4))
    net.population("heard", 40, SpikeSource(lines.step + 1.0, lines.channel.astype(np.uint32), 40))
    for p in [p for p in net.projections if p.source.name == "input"]:
        net.connect(
            "heard", p.target.name, p.rule, weight=p.weight, delay_ms=p.delay, receptor=p.receptor
        )
    inside = next(p for p in net.projections if p.plasticity is not None)
    net.record_weights(inside, every_ms=150.0)
    result = simulate(
        net, duration_ms=150.0, settings=Settings(neurons_per_core=PER_CORE), comm=comm
    )
    if comm.rank != 0:
        return None
    weights = result.weights(inside).weights
    return {
        "digest": result.digest,
        "traffic": result.traffic_digest,
        "weights": weights.tobytes(),
        "changed": int(np.count_nonzero(weights[-1] != weights[0])),
    }


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
