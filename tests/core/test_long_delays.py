"""Delays of any length arrive when they are due, up to what the format of a drawn delay can say."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_DELAY_STEPS, MAX_WAIT
from distsnn.network import AllToAll, ExplicitList, FixedInDegree, Network, Uniform
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource

DT_MS = 0.5
DELAYS = [
    1, 2, MAX_WAIT - 1, MAX_WAIT, MAX_WAIT + 1, MAX_WAIT + 2, 10_000, 2 * MAX_WAIT,
    2 * MAX_WAIT + 1, 32_768, 5 * MAX_WAIT + 3, MAX_DELAY_STEPS - 1, MAX_DELAY_STEPS,
]  # fmt: skip


def listed(delays: list[int], plasticity: PairStdp | None = None) -> Network:
    """One source that spikes in the steps 0 and 3; each target hears it after a delay of its own."""
    n = len(delays)
    network = Network(dt_ms=DT_MS, seed=1)
    source = network.population("s", 1, SpikeSource([DT_MS, 4 * DT_MS], [0, 0]))
    target = network.population("t", n, LifDelta(t_ref_ms=0.0))
    rule = ExplicitList([0] * n, list(range(n)), delays_ms=[d * DT_MS for d in delays])
    network.connect(source, target, rule, weight=1000.0, plasticity=plasticity)
    return network


@pytest.mark.parametrize("plasticity", [None, PairStdp(w_max=2000.0, a_plus=0.0, a_minus=0.0)])
def test_spikes_arrive_after_their_delay(plasticity):
    """All synapses are of one axon: one row whose segments wait for each other."""
    network = listed(DELAYS, plasticity)
    result = simulate(network, duration_ms=(MAX_DELAY_STEPS + 10) * DT_MS)
    step, neuron = result.spike_steps("t")
    for k, delay in enumerate(DELAYS):
        assert step[neuron == k].tolist() == [delay, delay + 3], delay


@pytest.mark.parametrize("delay", [MAX_WAIT + 1, 3 * MAX_WAIT, MAX_DELAY_STEPS])
def test_a_row_that_begins_with_a_long_wait(delay):
    result = simulate(listed([delay]), duration_ms=(delay + 10) * DT_MS)
    assert result.spike_steps("t")[0].tolist() == [delay, delay + 3]


def test_one_step_more_is_refused():
    network = Network(dt_ms=DT_MS)
    p = network.population("p", 1, LifDelta())
    network.connect(p, p, AllToAll(), weight=1.0, delay_ms=MAX_DELAY_STEPS * DT_MS)
    with pytest.raises(NetworkError, match=rf"{MAX_DELAY_STEPS} steps"):
        network.connect(p, p, AllToAll(), weight=1.0, delay_ms=(MAX_DELAY_STEPS + 1) * DT_MS)


def drawn() -> Network:
    network = Network(dt_ms=DT_MS, seed=4)
    rng = np.random.default_rng(1)
    times = np.sort(rng.integers(1, 200, 300)) * DT_MS
    source = network.population("s", 20, SpikeSource(times, rng.integers(0, 20, 300)))
    cells = network.population("c", 60, LifDelta(v_reset_mv=0.0, t_ref_ms=0.0))
    spread = Uniform(DT_MS, 30_000 * DT_MS)
    network.connect(source, cells, FixedInDegree(10), weight=12.0, delay_ms=spread)
    network.connect(cells, cells, FixedInDegree(5), weight=9.0, delay_ms=spread)
    return network


@pytest.mark.mpi
@pytest.mark.parametrize("fabric", ["mesh", "hop"])
def test_long_delays_give_the_same_bits_on_ranks(fabric):
    options = {"duration_ms": 31_000 * DT_MS, "neurons_per_core": 16}
    alone = simulate(drawn(), comm=SerialComm(), **options)
    comm = start()
    together = simulate(drawn(), comm=comm, fabric=fabric, **options)
    if comm.rank == 0:
        assert alone.spikes_all.step.size > 300
        assert together.digest == alone.digest
    comm.barrier()
