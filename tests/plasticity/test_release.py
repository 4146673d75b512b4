"""StochasticRelease: which spikes pass, counted from what arrives."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import AllToAll, LifDelta, Network, SpikeSource, Uniform, simulate
from distsnn.errors import NetworkError
from distsnn.plasticity import StochasticRelease

N_SPIKES, N_CELLS = 400, 60


def arrivals(rule, seed=1, n_sources=1):
    """Return whether each spike arrives, int [spikes, cells]: jumps of a membrane without memory."""
    times = 1.0 + np.arange(N_SPIKES)
    net = Network(dt_ms=0.1, seed=seed)
    sources = [np.repeat(k, N_SPIKES) for k in range(n_sources)]
    model = SpikeSource(np.tile(times, n_sources), np.concatenate(sources))
    source = net.population("source", n_sources, model)
    cells = net.population("cells", N_CELLS, LifDelta(tau_m_ms=0.05))
    net.connect(source, cells, AllToAll(), weight=1.0, delay_ms=0.5, plasticity=rule)
    net.record(cells, "v")
    _, v = simulate(net, duration_ms=N_SPIKES + 2.0).trace(cells, "v")
    steps = np.rint((times + 0.5) / 0.1).astype(int) - 1
    return np.rint(v[steps]).astype(int)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5, 1.0])
def test_the_share_that_passes_is_the_probability(p):
    passed = arrivals(StochasticRelease(p))
    n = passed.size
    assert abs(passed.mean() - p) <= 4.0 * np.sqrt(p * (1 - p) / n)
    assert set(np.unique(passed)) <= {0, 1}


def test_synapses_and_spikes_are_independent():
    passed = arrivals(StochasticRelease(0.5)).astype(float) - 0.5
    between = np.corrcoef(passed.T)[np.triu_indices(N_CELLS, 1)]
    assert abs(between.mean()) < 4.0 / np.sqrt(N_SPIKES * between.size)
    assert between.std() == pytest.approx(1 / np.sqrt(N_SPIKES), rel=0.1)
    # one spike and the next
    later = (passed[1:] * passed[:-1]).mean() / 0.25
    assert abs(later) < 4.0 / np.sqrt(passed.size)


def test_a_distribution_gives_each_synapse_its_probability():
    shares = arrivals(StochasticRelease(Uniform(0.2, 0.8))).mean(axis=0)
    assert shares.mean() == pytest.approx(0.5, abs=0.08)
    assert 0.14 < shares.std() < 0.21  # 0.6 / sqrt(12) = 0.173


def test_another_seed_draws_others():
    assert np.any(arrivals(StochasticRelease(0.5)) != arrivals(StochasticRelease(0.5), seed=2))


def test_a_probability_is_between_0_and_1():
    with pytest.raises(NetworkError, match=r"StochasticRelease\.probability: must be"):
        StochasticRelease(1.5)
