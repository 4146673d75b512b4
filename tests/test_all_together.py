"""A simulation with everything switched on at once: the same bits on any number of ranks."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    ByDistance,
    CorrelatedPoisson,
    Current,
    Distance,
    Equations,
    Exponential,
    FixedInDegree,
    FixedProbability,
    Gaussian,
    Grid2D,
    LifCondExp,
    LifExp,
    Network,
    NoiseCurrent,
    Normal,
    OuCurrent,
    Poisson,
    RandomPositions,
    Simulation,
    SineCurrent,
    SpikeTrains,
    SynapseEquations,
    Uniform,
    WaveformCurrent,
)
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.plasticity import TripletStdp, VogelsStdp

NOISY = """
    dv/dt = (e_l - v + r*(i_s + current))/tau_m + sigma*sqrt(2/tau_m)*xi : mV (unless refractory)
    di_s/dt = -i_s/tau_s : pA
"""
TRACES = """
    dr/dt = -r/tau
    do/dt = -o/tau
"""


def build():
    """Return a network with parts of every kind, and the projections that the run changes."""
    net = Network(dt_ms=0.1, seed=3)
    noisy = Equations(
        NOISY, threshold="v > v_t", reset="v = e_l", refractory_ms=2.0,
        receptors={"excitatory": "i_s += weight", "inhibitory": "i_s += weight"},
        parameters={"e_l": (-65.0, "mV"), "r": (0.04, "GOhm"), "tau_m": (10.0, "ms"),
                    "tau_s": (1.0, "ms"), "v_t": (-50.0, "mV"), "sigma": (0.5, "mV")},
        initial={"v": -65.0},
    )  # fmt: skip
    varied = LifExp(tau_m_ms=Normal(12.0, 1.0), v_threshold_mv=np.linspace(-51.0, -49.0, 300))
    e = net.population(
        "e", 300, varied, initial={"v": np.linspace(-65.0, -52.0, 300)},
        positions=Grid2D(1.0, shape=(20, 15)),
    )  # fmt: skip
    i = net.population(
        "i", 80, noisy(tau_m=np.linspace(8.0, 12.0, 80)), positions=RandomPositions((1.0, 1.0))
    )
    c = net.population("c", 60, LifCondExp())
    text = SynapseEquations(
        TRACES, on_pre="w -= a*o; r += 1", on_post="w += a*r; o += 1", w_max=60.0,
        parameters={"tau": 20.0, "a": 0.3},
    )  # fmt: skip
    ee = net.connect(
        e, e, Distance(profile=Gaussian(0.15), wrap=True), plasticity=TripletStdp(w_max=80.0),
        weight=ByDistance(profile=Exponential(0.3), scale=40.0), delay_ms=ByDistance(0.3, per=2.0),
    )  # fmt: skip
    ei = net.connect(
        e[:200], i, FixedInDegree(10), weight=Uniform(20.0, 50.0), delay_ms=1.0, plasticity=text
    )
    ie = net.connect(
        i, e[::2], FixedProbability(0.2), weight=-80.0, delay_ms=0.8, weight_bounds=(-200.0, 0.0)
    )
    net.connect(
        i, c, FixedProbability(0.3), weight=1.0, receptor="inhibitory",
        plasticity=VogelsStdp(w_max=5.0),
    )  # fmt: skip
    net.connect_all(e[:50] + i[:10], c, FixedProbability(0.2), weight=2.0, receptor="excitatory")
    net.stimulate(e, Poisson(rate_hz=np.linspace(5000.0, 9000.0, 300), weight=80.0))
    net.stimulate(i[:40], Poisson(rate_hz=[(0.0, 8000.0), (20.0, 3000.0)], weight=60.0))
    net.stimulate(c, CorrelatedPoisson(rate_hz=2000.0, correlation=0.2, weight=3.0))
    for current in (
        SineCurrent(amplitude_pa=50.0, frequency_hz=20.0), NoiseCurrent(mean_pa=0.0, sd_pa=40.0),
        OuCurrent(mean_pa=10.0, sd_pa=30.0, tau_ms=5.0), Current(pa=Normal(50.0, 5.0)),
        WaveformCurrent([0.0, 50.0, 100.0], every_ms=5.0),
    ):  # fmt: skip
        net.stimulate(e[20:220], current)
    net.stimulate(e[3:5], SpikeTrains([1.0, 5.0, 9.0], [0, 1, 0], weight=500.0))
    net.record(e[5:9], "v", every_ms=1.0)
    net.record_weights(ee, every_ms=10.0)
    return net, (ee, ei, ie)


def run(comm):
    """Return digests, counts of spikes at regular times, and the recordings."""
    net, (ee, ei, ie) = build()
    e, i, _ = net.populations
    counts = []

    def look(sim):
        counts.append(int(sim.spike_counts(e).sum()))
        sim.set(i, v_t=-50.0 + 0.1 * len(counts))

    with Simulation(net, noise_seed=7, neurons_per_core=40, comm=comm) as sim:
        sim.every(10.0, look)
        sim.run(23.4)
        sim.set(e[:100], rate_hz=7000.0, tau_m_ms=11.0)
        sim.set_weights(ie, sim.weights(ie) * 1.5)
        sim.learning(False, ei)
        sim.run(16.6)
        sim.set_weights(ee, sim.weights(ee) * 0.98)
        sim.learning(True)
        result = sim.run(10.0).result()
    return result, counts


@pytest.mark.mpi
def test_everything_at_once_gives_the_same_bits_on_any_ranks():
    alone, expected = run(SerialComm())
    together, counts = run(start())
    assert counts == expected
    assert counts[-1] > 100
    if together.is_root:
        assert together.digest == alone.digest
        assert together.traffic_digest == alone.traffic_digest
        assert np.array_equal(together.traces["e", "v"][1], alone.traces["e", "v"][1])
        assert np.array_equal(together.weight_tables[0].weights, alone.weight_tables[0].weights)
