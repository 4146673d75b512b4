"""Networks that grow after the first run: what is there goes on as if nothing had been added."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN.errors import InvalidWeightError


def trains(population):
    """Return the spike times of the last segment, and their cells."""
    found = [train.magnitude for train in population.get_data().segments[-1].spiketrains]
    cells = np.repeat(np.arange(len(found)), [train.size for train in found])
    return np.concatenate(found), cells


def network(sim):
    """Return populations of sources and cells with delays of 0.1 to 6 ms, and an electrode."""
    rng = sim.NumpyRNG(seed=4)
    delays = sim.RandomDistribution("uniform", low=0.1, high=6.0, rng=sim.NumpyRNG(seed=8))
    poisson = sim.Population(30, sim.SpikeSourcePoisson(rate=150.0))
    gamma = sim.Population(30, sim.SpikeSourceGamma(alpha=3, beta=450.0))
    given = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(1.0, 120.0, 2.7)))
    targets = [
        sim.Population(30, sim.IF_cond_exp(tau_refrac=4.0), initial_values={"v": -60.0}),
        sim.Population(30, sim.Izhikevich(), initial_values={"v": -65.0, "u": -14.0}),
        sim.Population(30, sim.HH_cond_exp(), initial_values={"v": -65.0}),
    ]
    weights = ((0.02, 0.01), (4.0, 2.0), (0.03, 0.02))
    for cells, (w_in, w_between) in zip(targets, weights, strict=True):
        for source in (poisson, gamma, given, targets[0]):
            weight = w_between if source is targets[0] else w_in
            connector = sim.FixedProbabilityConnector(0.2, rng=rng)
            sim.Projection(source, cells, connector, sim.StaticSynapse(weight=weight, delay=delays))
    electrode = sim.ACSource(amplitude=0.2, frequency=30.0, start=20.0, stop=1e9)
    electrode.inject_into(targets[0][:10])
    steps = sim.StepCurrentSource(times=[30.0, 90.0], amplitudes=[0.1, 0.0])
    steps.inject_into(targets[0][5:20])
    return [poisson, gamma, *targets]


def add_nothing(sim):
    """Change nothing."""


def add_cells(sim):
    """Add cells without synapses."""
    sim.Population(5, sim.IF_curr_exp(i_offset=0.5)).record("v")


def add_source(sim):
    """Add an electrode and a source of spikes that act on new cells alone."""
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=50.0))
    cells = sim.Population(5, sim.IF_curr_exp())
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5))
    sim.DCSource(amplitude=0.1).inject_into(cells)


@pytest.mark.parametrize("addition", [add_cells, add_source])
@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_network_goes_on_after_an_addition(sim, addition, is_recorded):
    spikes = []
    for add in (add_nothing, addition):
        sim.setup(timestep=0.1, min_delay=0.1, rng_seed=6)
        populations = network(sim)
        # Spikes of cells that are not recorded are under way too.
        recorded = populations if is_recorded else populations[3:]
        for population in recorded:
            population.record("spikes")
        for piece in (37.7, 0.1, 42.2, 40.0):
            sim.run(piece)
            add(sim)
        spikes.append([trains(population) for population in recorded])
    for plain, grown in zip(*spikes, strict=True):
        assert plain[0].size > 30
        np.testing.assert_array_equal(plain[1], grown[1])
        np.testing.assert_allclose(plain[0], grown[0], atol=1e-9)


def test_new_cells_begin_at_their_initial_values(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[9.5, 15.0]))
    old = sim.Population(1, sim.IF_curr_exp(i_offset=0.3))
    sim.run(10.0)
    new = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1.0), initial_values={"v": -60.0})
    old.record("v")
    new.record(["v", "gsyn_exc"])
    synapse = sim.StaticSynapse(weight=0.02, delay=1.0)
    sim.Projection(source, new, sim.AllToAllConnector(), synapse)
    sim.run(10.0)
    late = old.get_data().segments[0].analogsignals[0]
    # tau_m 20 ms, cm 1 nF: v = -65 + 6 (1 - exp(-t / tau)); samples before the recording are NaN
    assert np.all(np.isnan(late.magnitude[:100]))
    expected = -65.0 + 6.0 * (1.0 - np.exp(-np.arange(100, 201) * 0.1 / 20.0))
    np.testing.assert_allclose(late.magnitude[100:, 0], expected, atol=1e-4)
    v, g = (new.get_data().segments[0].filter(name=name)[0] for name in ("v", "gsyn_exc"))
    assert v.shape == (101, 2)
    assert float(v.t_start) == 10.0
    assert v.magnitude[0].tolist() == [-60.0, -60.0]
    # A spike of 9.5 ms had left before there was a synapse; that of 15 ms arrives at 16 ms.
    assert np.all(g.magnitude[:60] == 0.0)
    np.testing.assert_allclose(g.magnitude[60], 0.02, rtol=1e-4)


def test_spikes_under_way_keep_their_delay(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[9.0, 20.0]))
    cells = sim.Population(1, sim.IF_cond_exp(tau_syn_E=0.2))
    made = sim.Projection(
        source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.02, delay=3.0)
    )
    cells.record("gsyn_exc")
    sim.run(10.0)
    made.set(delay=5.0)
    sim.run(20.0)
    g = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    rises = np.flatnonzero(np.diff(g) > 0.01) + 1
    assert rises.tolist() == [120, 250]


def test_learned_weights_are_kept(sim):
    pre = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
    cells = sim.Population(5, sim.IF_cond_exp())
    rule = sim.SpikePairRule(A_plus=0.05, A_minus=0.06)
    stdp = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=0.04), weight=0.02, delay=1.0)
    learned = sim.Projection(pre, cells, sim.AllToAllConnector(), stdp)
    sim.run(200.0)
    before = learned.get("weight", "array")
    assert before.std() > 1e-4
    sim.Population(3, sim.IF_cond_exp()).record("v")
    sim.run(0.1)
    after = learned.get("weight", "array")
    # Single spikes in this step may have changed some.
    assert np.mean(np.isclose(before, after, rtol=1e-6)) > 0.9
    sim.reset()
    sim.run(0.1)
    np.testing.assert_allclose(learned.get("weight", "array"), 0.02, rtol=1e-3)
    learned.set(weight=0.5)
    with pytest.raises(InvalidWeightError, match=r"from 0 to 0\.04"):
        sim.run(1.0)


def test_synapses_with_a_state_are_not_carried_over(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(1, sim.IF_cond_exp())
    synapse = sim.TsodyksMarkramSynapse(weight=0.01)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    sim.run(10.0)
    sim.Population(1, sim.IF_cond_exp())
    with pytest.raises(NotImplementedError, match="TsodyksMarkramSynapse cannot be carried over"):
        sim.run(1.0)
    sim.reset()
    sim.run(1.0)


def test_electrodes_act_after_the_first_second(sim):
    cells = sim.Population(1, sim.IF_curr_exp(tau_m=10.0, cm=1.0, v_thresh=1e3))
    cells.record("v")
    sim.DCSource(amplitude=0.5, start=1500.0).inject_into(cells)
    steps = sim.StepCurrentSource(times=[0.0, 2500.0], amplitudes=[0.1, 1.1])
    steps.inject_into(cells)
    sim.run(3000.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    # v - v_rest = I tau / C in the end
    np.testing.assert_allclose(v[[14_999, 24_999, 29_999]], [-64.0, -59.0, -49.0], atol=1e-3)


def test_other_sources_go_on_where_one_is_set(sim):
    counts = []
    for is_set in (False, True):
        sim.setup(timestep=0.1, rng_seed=2)
        gamma = sim.Population(20, sim.SpikeSourceGamma(alpha=2, beta=200.0))
        poisson = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
        given = sim.Population(1, sim.SpikeSourceArray(spike_times=[50.0]))
        for population in (gamma, poisson, given):
            population.record("spikes")
        sim.run(100.0)
        if is_set:
            given.set(spike_times=[150.0, 170.0])
        sim.run(1400.0)
        counts.append([trains(population)[0] for population in (gamma, poisson, given)])
    for k in (0, 1):
        np.testing.assert_array_equal(counts[0][k], counts[1][k])
    assert counts[1][2].tolist() == [50.0, 150.0, 170.0]


def test_spikes_are_recorded_from_then_on(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0, 15.0]))
    cells = sim.Population(2, sim.IF_curr_delta(), initial_values={"v": -65.0})
    sim.Projection(
        source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=30.0, delay=1.0)
    )
    cells[:1].record("spikes")
    sim.run(10.0)
    cells.record("spikes")
    source.record("spikes")
    sim.run(10.0)
    counts = [list(p.get_spike_counts().values()) for p in (cells, source)]
    assert counts == [[2, 1], [1, 1]]
    assert [t.size for t in cells.get_data().segments[0].spiketrains] == [2, 1]
    sim.reset()
    sim.run(20.0)
    assert list(cells.get_spike_counts().values()) == [2, 2]
