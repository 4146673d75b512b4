"""Correlated Poisson trains and given spikes onto neurons."""

from __future__ import annotations

import numpy as np
import pytest
from input_traces import COUNTING, counts
from scipy import stats

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.network import Network
from distsnn.neurons import LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import CorrelatedPoisson, Poisson, SpikeTrains

P_LIMIT = 1e-6


def counting(size: int = 80, dt_ms: float = 0.5):
    network = Network(dt_ms=dt_ms, seed=3)
    return network, network.population("cells", size, COUNTING)


@pytest.mark.parametrize("correlation", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("rate_hz", [40.0, 2e3, 4e4])
def test_rate_variance_and_correlation(rate_hz, correlation):
    network, cells = counting()
    network.stimulate(cells, CorrelatedPoisson(rate_hz, correlation, weight=1.0))
    n_steps, mean = 20_000, rate_hz * 0.5e-3
    found = counts(network, cells, n_steps).astype(np.float64)
    # The sum over neurons has the variance n m (1 + (n - 1) c) per step.
    n = cells.size
    variance = n * mean * (1 + (n - 1) * correlation)
    assert found.sum(axis=1).mean() == pytest.approx(n * mean, abs=5 * np.sqrt(variance / n_steps))
    few = 40 / np.sqrt(n_steps * min(mean / correlation, 1.0))
    assert found.sum(axis=1).var() == pytest.approx(variance, rel=few)
    assert found.var(axis=0).mean() == pytest.approx(mean, rel=few)
    off = ~np.eye(n, dtype=bool)
    assert np.corrcoef(found.T)[off].mean() == pytest.approx(correlation, rel=few)
    lagged = np.mean((found[:-1, ::2] - mean) * (found[1:, 1::2] - mean)) / mean
    assert abs(lagged) < 5 * np.sqrt((1 / n + correlation) / n_steps) * 2


def test_counts_of_each_train_are_poisson():
    network, cells = counting(8)
    network.stimulate(cells, CorrelatedPoisson(4e3, 0.4, weight=1.0))
    found = counts(network, cells, 20_000)
    expected = stats.poisson.pmf(np.arange(9), 2.0) * 20_000
    expected[-1] = stats.poisson.sf(7, 2.0) * 20_000
    for k in range(8):
        observed = np.bincount(np.minimum(found[:, k], 8), minlength=9)
        assert stats.chisquare(observed, expected).pvalue > P_LIMIT


def test_full_correlation_is_one_train():
    network, cells = counting()
    network.stimulate(cells, CorrelatedPoisson(4e3, 1.0, weight=1.0))
    found = counts(network, cells, 500)
    assert (found == found[:, :1]).all()
    assert found[:, 0].var() == pytest.approx(2.0, rel=0.4)


def test_two_inputs_are_independent():
    network, cells = counting()
    for half in (cells[:40], cells[40:]):
        network.stimulate(half, CorrelatedPoisson(4e3, 0.9, weight=1.0))
    found = counts(network, cells, 10_000)
    sums = found[:, :40].sum(axis=1), found[:, 40:].sum(axis=1)
    assert abs(np.corrcoef(*sums)[0, 1]) < 5 / np.sqrt(10_000)


def test_start_and_stop():
    network, cells = counting()
    what = CorrelatedPoisson(4e5, 0.5, weight=1.0, start_ms=3.0, stop_ms=7.5)
    network.stimulate(cells[3:70:2], what)
    found = counts(network, cells, 30)
    assert (np.flatnonzero(found.any(axis=1)) == np.arange(6, 15)).all()
    assert (np.flatnonzero(found.any(axis=0)) == np.arange(3, 70, 2)).all()


@pytest.mark.parametrize("seed", range(4))
def test_given_spikes_arrive_in_the_steps_that_begin_at_their_times(seed):
    rng = np.random.default_rng(seed)
    network, cells = counting()
    expected = np.zeros((50, 80), dtype=int)
    for weight in (1.0, 7.0, -3.0):
        index = np.sort(rng.choice(80, 30, replace=False))
        steps, neurons = rng.integers(0, 50, 300), rng.integers(0, 30, 300)
        start_ms, stop_ms = (0.0, np.inf) if weight == 1.0 else (4.0, 18.0)
        what = SpikeTrains(0.5 * steps, neurons, weight, start_ms=start_ms, stop_ms=stop_ms)
        network.stimulate(cells[index], what)
        inside = (0.5 * steps >= start_ms) & (0.5 * steps < stop_ms)
        np.add.at(expected, (steps[inside], index[neurons[inside]]), int(weight))
    assert (counts(network, cells, 50) == expected).all()


def test_measured_times_go_to_the_nearest_step_and_parts_share_them():
    network, cells = counting(10)
    what = SpikeTrains([0.74, 0.76, 1.2, 3.1], [0, 1, 7, 8], 2.0, measured=True)
    network.stimulate(cells[:3] + cells[4:], what)
    expected = np.zeros((10, 10), dtype=int)
    expected[1, 0] = expected[2, 1] = expected[2, 8] = expected[6, 9] = 2
    assert (counts(network, cells, 10) == expected).all()


def driven() -> Network:
    network = Network(dt_ms=0.1, seed=9)
    cells = network.population("cells", 150, LifExp())
    rng = np.random.default_rng(5)
    network.stimulate(cells[10:], CorrelatedPoisson(6e3, 0.2, weight=60.0))
    network.stimulate(cells[::3], CorrelatedPoisson(2e3, 0.05, weight=-20.0))
    times_ms = 0.1 * rng.integers(0, 200, 6000)
    network.stimulate(cells, SpikeTrains(times_ms, rng.integers(0, 150, 6000), weight=300.0))
    network.stimulate(cells, Poisson(6e3, weight=70.0))
    return network


def test_cores_change_nothing():
    options = {"duration_ms": 20.0, "comm": SerialComm()}
    reference = simulate(driven(), **options)
    assert np.unique(reference.spikes_all.gid).size > 100
    for n in (13, 64):
        assert simulate(driven(), neurons_per_core=n, **options).digest == reference.digest


@pytest.mark.mpi
@pytest.mark.parametrize("neurons_per_core", [11, 40])
def test_ranks_change_nothing(neurons_per_core):
    comm = start()
    options = {"duration_ms": 20.0, "neurons_per_core": neurons_per_core}
    alone = simulate(driven(), comm=SerialComm(), **options)
    result = simulate(driven(), comm=comm, **options)
    if comm.rank == 0:
        assert result.digest == alone.digest
    comm.barrier()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CorrelatedPoisson(1.0, 0.0, 1.0), "correlation: must be a number"),
        (lambda: CorrelatedPoisson(1.0, 1.1, 1.0), "correlation: must be a number"),
        (lambda: CorrelatedPoisson(-1.0, 0.5, 1.0), "rate_hz: must be a number of at least 0"),
        (lambda: CorrelatedPoisson(1e6, 0.01, 1.0), "rate / correlation is at most 10000"),
        (lambda: CorrelatedPoisson(1.0, 0.5, 0.5), "weight: must be a whole number"),
        (lambda: SpikeTrains([1.0] * 3, [1] * 3, 1e7), "weight: must be a size of at most"),
        (lambda: SpikeTrains([1.0], [1], 0.5), "weight: must be a whole number"),
    ],
)
def test_errors(make, message):
    network, cells = counting(5)
    with pytest.raises(NetworkError) as raised:
        network.stimulate(cells, make())
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
