"""A run with two recorded populations, one that is not recorded, and traces of several kinds."""

from __future__ import annotations

from functools import cache

from distsnn import FixedInDegree, LifExp, Network, Normal, Poisson, Result, simulate
from distsnn.plasticity import PairStdp


def network() -> Network:
    net = Network(dt_ms=0.1, seed=2, name="small")
    e = net.population("e", 80, LifExp(), initial={"v": Normal(-60.0, 4.0)})
    i = net.population("i", 20, LifExp())
    silent = net.population("unrecorded", 10, LifExp())
    learned = net.connect(
        e, e, FixedInDegree(8), weight=40.0, delay_ms=1.5, plasticity=PairStdp(w_max=80.0)
    )
    net.connect(i, e, FixedInDegree(8), weight=-100.0, delay_ms=1.0)
    for population in net:
        net.stimulate(population, Poisson(rate_hz=12_000.0, weight=87.0))
    net.record_spikes(silent, False)
    net.record_weights(learned, every_ms=10.0)
    net.record(e[10:40], "v")
    net.record(i, "v", every_ms=0.5)
    net.record(i, "refractory")
    return net


@cache
def result() -> Result:
    """The result of 30 ms, the same for all tests of a file."""
    return simulate(network(), duration_ms=30.0, neurons_per_core=20)
