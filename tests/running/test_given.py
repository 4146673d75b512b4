"""Spikes of sources and currents that replace others in a running network."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    AllToAll,
    Current,
    LifExp,
    Network,
    Poisson,
    Simulation,
    SpikeSource,
    WaveformCurrent,
    simulate,
)
from distsnn.errors import NetworkError, UsageError

TIMES, SOURCES = [1.0, 3.0, 3.0, 12.0, 14.5], [0, 1, 2, 2, 0]


def network(times=(), sources=(), current=None):
    """Three sources onto two neurons; the source, the neurons and their current."""
    net = Network(dt_ms=0.1, seed=1)
    source = net.population("source", 3, SpikeSource(times, sources, n_sources=3))
    cells = net.population("cells", 2, LifExp())
    net.connect(source, cells, AllToAll(), weight=120.0, delay_ms=1.5)
    stimulus = net.stimulate(cells, current or Current(0.0))
    net.stimulate(cells, Poisson(rate_hz=[500.0, 900.0], weight=40.0))
    net.record(cells, "v")
    return net, source, cells, stimulus


def test_spikes_that_are_set_are_those_that_are_given_beforehand():
    given, _, _, _ = network(TIMES, SOURCES)
    whole = simulate(given, duration_ms=20.0)
    net, source, _, _ = network()
    sim = Simulation(net)
    sim.set_spikes(source, TIMES[:3], SOURCES[:3])
    sim.run(10.0)
    # Those that are past are left out.
    sim.set_spikes(source, TIMES, SOURCES)
    sim.run(10.0)
    for mine, theirs in zip(sim.result().spikes("source"), whole.spikes("source"), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert sim.digest == whole.digest


def test_spikes_of_other_sources_go_on():
    net, source, _, _ = network([2.0, 15.0], [0, 1])
    other = net.population("other", 2, SpikeSource([4.0, 16.0], [0, 1]))
    sim = Simulation(net)
    sim.run(10.0)
    sim.set_spikes(source, [12.0], [2])
    sim.run(10.0)
    np.testing.assert_allclose(sim.result().spikes(other)[0], [4.0, 16.0])
    np.testing.assert_allclose(sim.result().spikes(source)[0], [2.0, 12.0])


def test_more_spikes_than_reserved_are_refused():
    net, source, _, _ = network()
    with pytest.raises(UsageError, match="at most 3 spikes in a step, got 4"):
        Simulation(net).set_spikes(source, [5.0] * 4, [0, 1, 2, 2])
    sim = Simulation(net, most_input=1)
    sim.set_spikes(source, [5.0] * 4, [0, 1, 2, 2])
    sim.run(10.0)
    assert sim.spike_counts(source).tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("neurons", "times", "error", "match"),
    [
        ("cells", [1.0], UsageError, "SpikeSource"),
        ("source", [1.03], NetworkError, "times_ms"),
        ("source", [1.0, 2.0], NetworkError, "as many as"),
    ],
)
def test_wrong_spikes_are_refused(neurons, times, error, match):
    sim = Simulation(network()[0])
    with pytest.raises(error, match=match):
        sim.set_spikes(neurons, times, [0])


def test_a_current_that_is_set_is_the_one_that_is_given_beforehand():
    samples = np.linspace(0.0, 500.0, 80)
    later = WaveformCurrent(samples, every_ms=0.1, start_ms=12.0)
    given, cells, _, _ = network(current=Current(steps=[(0.0, 100.0), (10.0, 0.0)]))
    given.stimulate("cells", later)
    whole = simulate(given, duration_ms=25.0)
    net, _, cells, stimulus = network(current=Current(100.0))
    sim = Simulation(net)
    sim.run(10.0)
    stimulus = sim.set_input(stimulus, later)
    sim.run(15.0)
    np.testing.assert_array_equal(sim.result().trace(cells, "v")[1], whole.trace("cells", "v")[1])
    # Another one can follow.
    sim.set_input(stimulus, Current(0.0))


def test_what_was_set_before_stays():
    net, _, cells, stimulus = network()
    other = net.stimulate(cells, Current(5.0))
    sim = Simulation(net)
    sim.set(other, pa=30.0)
    sim.set(cells, rate_hz=1000.0)
    sim.set_input(stimulus, Current(1.0))
    np.testing.assert_array_equal(sim.get(other, "pa"), [30.0, 30.0])
    sim.run(50.0)
    counted = sim.get(cells, "rate_hz")
    np.testing.assert_array_equal(counted, [1000.0, 1000.0])


def test_only_currents_replace_currents():
    net, _, _, stimulus = network()
    sim = Simulation(net)
    with pytest.raises(UsageError, match="current in place of a current"):
        sim.set_input(stimulus, Poisson(rate_hz=1.0, weight=1.0))
    sim.set_input(stimulus, Current(1.0))
    with pytest.raises(UsageError, match="set_input"):
        sim.set_input(stimulus, Current(1.0))  # it has been replaced
