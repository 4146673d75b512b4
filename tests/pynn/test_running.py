"""Runs in pieces, resets, recordings, electrodes, weights and what may change between runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import quantities as pq

ROOT = Path(__file__).parents[2]


def trains(population):
    """Return the spike times of the last segment."""
    return [train.magnitude for train in population.get_data().segments[-1].spiketrains]


def test_pynn_knows_the_backend_by_name(sim):
    assert sys.modules["pyNN.distsnn"] is sim
    from pyNN.utility import get_simulator

    before, sys.argv = sys.argv, ["script.py", "distsnn"]
    try:
        assert get_simulator()[0] is sim
    finally:
        sys.argv = before


def test_pieces_are_one_run(sim):
    found = []
    for pieces in ((300.0,), (0.1, 99.9, 33.3, 166.7)):
        sim.setup(timestep=0.1, rng_seed=5)
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=80.0))
        gamma = sim.Population(20, sim.SpikeSourceGamma(alpha=2, beta=100.0))
        cells = sim.Population(20, sim.IF_curr_exp())
        noise = sim.NoisyCurrentSource(mean=0.6, stdev=0.5, dt=1.0)
        noise.inject_into(cells)
        for input_ in (source, gamma):
            synapse = sim.StaticSynapse(weight=0.5)
            sim.Projection(input_, cells, sim.OneToOneConnector(), synapse)
        for population in (source, gamma, cells):
            population.record("spikes")
        for piece in pieces:
            sim.run(piece)
        found.append([np.concatenate(trains(p)) for p in (source, gamma, cells)])
    for whole, cut in zip(*found, strict=True):
        assert whole.size > 100
        np.testing.assert_array_equal(whole, cut)


def test_sampling_at_intervals_begins_at_time_0(sim):
    signals = []
    for interval in (None, 0.7):
        sim.setup(timestep=0.1)
        cells = sim.Population(3, sim.IF_cond_exp(i_offset=0.3))
        cells[1:].record("v", sampling_interval=interval)
        for piece in (5.0, 0.3, 4.7):
            sim.run(piece)
            cells.get_data()
        signals.append(cells.get_data().segments[0].analogsignals[0])
    dense, sparse = signals
    assert dense.shape == (101, 2)
    np.testing.assert_array_equal(sparse.magnitude, dense.magnitude[::7])
    assert sparse.sampling_period == 0.7 * pq.ms
    assert sparse.array_annotations["channel_index"].tolist() == [1, 2]


def test_clear_begins_the_recordings_again(sim):
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.2))
    cells.record(["spikes", "v"])
    sim.run(100.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(100.0)
    second = cells.get_data().segments[0]
    assert len(second.spiketrains[0]) > 2
    assert second.spiketrains[0].magnitude.min() > 100.0
    signals = [segment.analogsignals[0] for segment in (first, second)]
    assert signals[1].t_start == 100.0 * pq.ms
    np.testing.assert_array_equal(signals[1].magnitude[0], signals[0].magnitude[-1])


def test_a_reset_begins_a_segment_with_other_noise(sim):
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=200.0))
    cells = sim.Population(5, sim.IF_cond_exp(), initial_values={"v": -60.0})
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.01))
    cells.record("v")
    source.record("spikes")
    sim.run(50.0)
    sim.reset()
    cells.initialize(v=-61.0)
    sim.run(50.0)
    segments = cells.get_data().segments
    starts = [segment.analogsignals[0].magnitude[0, 0] for segment in segments]
    assert starts == [-60.0, -61.0]
    sent = [
        np.concatenate([t.magnitude for t in s.spiketrains]) for s in source.get_data().segments
    ]
    assert sent[0].size > 20
    assert not np.array_equal(*sent)


def test_parameters_and_states_change_between_runs(sim):
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=10.0, cm=1.0))
    cells.record("v")
    sim.run(10.0)
    cells[1:2].set(i_offset=0.5)
    cells[2:].initialize(v=-60.0)
    sim.run(10.0)
    assert cells.get("i_offset").tolist() == [0.0, 0.5, 0.0]
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    decay = np.exp(-1.0)
    expected = [-65.0, -65.0 + 5.0 * (1 - decay), -65.0 + 5.0 * decay]
    np.testing.assert_allclose(v[-1], expected, atol=1e-4)
    np.testing.assert_array_equal(v[100], -65.0)


def test_weights_change_between_runs(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 25.0, 45.0]))
    cells = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1.0))
    synapse = sim.StaticSynapse(weight=0.02, delay=1.0)
    made = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(20.0)
    made.set(weight=[0.02, 0.005])
    sim.run(20.0)
    made.set(weight=0.08)  # larger than any that the network was built for
    sim.run(20.0)
    g = cells.get_data().segments[0].analogsignals[0].magnitude
    np.testing.assert_allclose(g[60], [0.02, 0.02], rtol=1e-4)
    np.testing.assert_allclose(g[260], [0.02, 0.005], rtol=1e-4)
    np.testing.assert_allclose(g[460], [0.08, 0.08], rtol=1e-4)
    sim.reset()
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    sim.run(10.0)
    g = cells.get_data().segments[-1].analogsignals[0].magnitude
    np.testing.assert_allclose(g[60], [0.1, 0.1], rtol=1e-4)


def test_electrodes_add_up_and_are_recorded(sim):
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=1e6, cm=1.0, v_thresh=1e3))
    cells.record("v")
    sine = sim.ACSource(
        amplitude=0.4, offset=0.1, frequency=50.0, start=10.0, stop=50.0, phase=30.0
    )
    steps = sim.StepCurrentSource(times=[0.0, 20.0, 40.0], amplitudes=[0.1, -0.2, 0.3])
    sine.inject_into(cells)
    cells[:1].inject(steps)
    cells[:1].inject(steps)
    for source in (sine, steps):
        source.record()
    sim.run(60.0)
    i_sine, i_steps = (source.get_data().magnitude[:, 0] for source in (sine, steps))
    t = np.arange(601) * 0.1
    is_on = (t > 9.99) & (t < 49.99)
    expected = (0.1 + 0.4 * np.sin(2 * np.pi * 0.05 * (t - 10.0) + np.pi / 6)) * is_on
    np.testing.assert_allclose(i_sine, expected, atol=1e-12)
    # A membrane that does not leak is the integral of its current: dv = I dt / C
    v = cells.get_data().segments[0].analogsignals[0].magnitude + 65.0
    for k, current in enumerate((i_sine + 2 * i_steps, i_sine)):
        np.testing.assert_allclose(v[1:, k], np.cumsum(current[:-1]) * 0.1, atol=2e-3)


def test_a_pair_of_spikes_changes_a_weight_by_the_window(sim):
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[14.0]))
    cell = sim.Population(1, sim.IF_curr_delta())
    rule = sim.SpikePairRule(tau_plus=15.0, A_plus=0.02)
    stdp = sim.STDPMechanism(
        rule, sim.AdditiveWeightDependence(w_max=0.5), weight=0.1, delay=1.0,
        dendritic_delay_fraction=0.0,
    )  # fmt: skip
    learned = sim.Projection(pre, cell, sim.AllToAllConnector(), stdp)
    forcing = sim.StaticSynapse(weight=30.0, delay=0.1)
    sim.Projection(drive, cell, sim.AllToAllConnector(), forcing)
    cell.record("spikes")
    sim.run(30.0)
    at = trains(cell)[0]
    assert at.size == 1
    # w + A_+ w_max exp(-D / tau_+), D from the arrival at the synapse to the spike
    expected = 0.1 + 0.02 * 0.5 * np.exp(-(at[0] - 11.0) / 15.0)
    assert learned.get("weight", "list", with_address=False)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters", "mean_ms", "cv"),
    [
        ("SpikeSourcePoisson", {"rate": 100.0}, 10.0, 1.0),
        ("SpikeSourcePoissonRefractory", {"rate": 100.0, "tau_refrac": 5.0}, 10.0, 0.5),
        ("SpikeSourceGamma", {"alpha": 4, "beta": 400.0}, 10.0, 0.5),
        ("SpikeSourceInhGamma", {"a": [4.0], "b": [0.0025], "tbins": [0.0]}, 10.0, 0.5),
    ],
)
def test_intervals_of_random_sources(sim, name, parameters, mean_ms, cv):
    source = sim.Population(40, getattr(sim, name)(**parameters, start=100.0, duration=3000.0))
    source.record("spikes")
    sim.run(3500.0)
    found = trains(source)
    times = np.concatenate(found)
    assert times.min() >= 100.0
    assert times.max() <= 3100.0
    intervals = np.concatenate([np.diff(train) for train in found])
    error = 4.0 * cv / np.sqrt(intervals.size)
    # Long intervals are less likely to end before the end: at most one mean interval in 300.
    assert intervals.mean() / mean_ms == pytest.approx(1.0, abs=error + 0.01)
    assert intervals.std() / intervals.mean() == pytest.approx(cv, abs=0.03)


def test_many_spikes_in_a_step(sim):
    source = sim.Population(1, sim.SpikeSourcePoisson(rate=30_000.0))
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=1e6))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
    source.record("spikes")
    sim.run(50.0)
    assert len(trains(source)[0]) == pytest.approx(1500, abs=160)


def test_what_is_not_there_is_said(sim):
    from pyNN.errors import InvalidParameterValueError

    with pytest.raises(AttributeError):
        sim.MultiCompartmentNeuron  # noqa: B018
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(InvalidParameterValueError):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 2.0]))
    with pytest.raises(InvalidParameterValueError):
        sim.Population(1, sim.SpikeSourcePoisson(rate=-3.0))
    with pytest.raises(TypeError):
        sim.DCSource().inject_into(sim.Population(1, sim.SpikeSourceArray()))
    with pytest.raises(ValueError, match="increasing"):
        sim.StepCurrentSource(times=[2.0, 1.0], amplitudes=[0.0, 0.0])
    assert len(cells) == 2


def test_without_pynn_one_line_says_what_to_install():
    program = (
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class NoPyNN:\n"
        "    @staticmethod\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if not name.startswith('pyNN'):\n"
        "            return PathFinder.find_spec(name, path, target)\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if f is not PathFinder] + [NoPyNN]\n"
        "import distsnn.pynn\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "Run `pip install distsnn[pynn]`" in done.stderr
