"""Counts of spikes between pieces: those of the result, for any way in which spikes are recorded."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import Current, FixedProbability, LifExp, Network, Poisson, Simulation, SpikeSource
from distsnn.comm import start
from distsnn.core.recording.recorder import SpikeRecorder


def network(is_recorded: bool) -> Network:
    """Driven alike, ``many`` spike in the same steps, which are then recorded as bit masks."""
    net = Network(dt_ms=0.1, seed=2)
    many = net.population("many", 150, LifExp())
    few = net.population("few", 50, LifExp())
    given = net.population("given", 3, SpikeSource([0.1, 5.0, 5.0, 9.0], [0, 1, 2, 1]))
    net.stimulate(many, Current(pa=1500.0))
    net.stimulate(few, Poisson(rate_hz=9000.0, weight=90.0))
    net.connect(many, few, FixedProbability(0.1), weight=20.0)
    net.connect(given, few, FixedProbability(0.5), weight=20.0)
    net.record_spikes(many, is_recorded)
    return net


def counted(net: Network, lengths_ms: tuple[float, ...]) -> list[np.ndarray]:
    """Return the counts of all neurons after each piece of a run."""
    many, few, given = net
    with Simulation(net, comm=start(), neurons_per_core=40) as sim:
        counts = [sim.run(length).spike_counts(many + few + given) for length in lengths_ms]
        sim.clear()
        counts.append(sim.spike_counts("many"))
        counts.append(sim.run(7.0).spike_counts(few[10:30]))
        sim.reset()
        counts.append(sim.run(sum(lengths_ms)).spike_counts(many + few + given))
    return counts


@pytest.mark.mpi
@pytest.mark.parametrize("is_recorded", [True, False])
def test_counts_are_those_of_the_spikes(is_recorded):
    lengths_ms = (3.0, 0.1, 6.9, 10.0)
    counts = counted(network(is_recorded), lengths_ms)
    with Simulation(network(True), comm=start(), neurons_per_core=40) as sim:
        result = sim.run(27.0).result()
    ends_ms = np.cumsum(lengths_ms)
    spikes = {p.name: result.spikes(p.name) for p in result.network}
    sizes = {p.name: p.size for p in result.network}

    def expected(name, begin_ms, end_ms):
        times, neurons = spikes[name]
        is_within = (times > begin_ms + 0.05) & (times < end_ms + 0.05)
        return np.bincount(neurons[is_within], minlength=sizes[name])

    if not result.is_root:
        return
    for got, end_ms in zip((*counts[:4], counts[6]), (*ends_ms, 20.0), strict=True):
        assert got.tolist() == np.concatenate([expected(n, 0, end_ms) for n in sizes]).tolist()
    assert counts[0].dtype == np.int64
    assert counts[3][:150].min() > 2
    assert not counts[4].any()
    assert counts[5].tolist() == expected("few", 20.0, 27.0)[10:30].tolist()


def test_only_new_spikes_are_looked_at(monkeypatch):
    looked_at = []
    read = SpikeRecorder._spikes_from

    def counting(self, first, n_skipped):
        step, slots = read(self, first, n_skipped)
        looked_at.append(len(slots))
        return step, slots

    monkeypatch.setattr(SpikeRecorder, "_spikes_from", counting)
    with Simulation(network(True)) as sim:
        for _ in range(20):
            counts = sim.run(5.0).spike_counts("many")
    assert counts.sum() > 1000
    assert sum(looked_at) < 2 * counts.sum()
