"""The neuron that spikes at random: counts and intervals against their distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drive import Alone
from scipy import stats

from distsnn.neurons import PoissonNeuron


@pytest.mark.parametrize("rate_hz", [5.0, 200.0, 9000.0])
def test_counts_and_intervals(rate_hz):
    n, n_steps, chance = 400, 4000, rate_hz * 1e-4
    run = Alone(PoissonNeuron(rate_hz), n, 0.1, key=77).run(n_steps, record=("n_spikes",))
    counts = run.spikes.sum(axis=0)
    assert np.array_equal(run.states["n_spikes"][-1], counts)
    total, deviation = counts.sum(), math.sqrt(n * n_steps * chance * (1 - chance))
    assert abs(total - n * n_steps * chance) < 4 * deviation
    variance = n_steps * chance * (1 - chance)
    assert 0.75 < counts.var() / variance < 1.3
    gaps = np.concatenate([np.diff(run.steps(i)) for i in range(n)])
    if rate_hz == 200.0:  # intervals are many and short beside the run
        observed = np.bincount(gaps, minlength=101)[1:101]
        expected = gaps.size * stats.geom.pmf(np.arange(1, 101), chance)
        assert ((observed - expected) ** 2 / expected).sum() < stats.chi2.ppf(0.9999, 100)


def test_no_two_neurons_share_their_spikes():
    spikes = Alone(PoissonNeuron(2000.0), 200, 0.1, key=3).run(3000, record=()).spikes
    correlations = np.corrcoef(spikes.T.astype(float))
    assert np.abs(correlations[np.triu_indices(200, 1)]).max() < 5.5 / math.sqrt(3000)


def test_input_changes_nothing():
    inputs = np.full((200, 2), 1000, dtype=np.int32)
    model = PoissonNeuron(500.0)
    quiet = Alone(model, 20, 0.1, key=3).run(200, record=()).spikes
    driven = Alone(model, 20, 0.1, key=3).run(200, inputs, 5000.0, record=()).spikes
    assert np.array_equal(quiet, driven)


def test_a_rate_above_one_per_step_is_one_per_step():
    spikes = Alone(PoissonNeuron(1e6), 50, 0.1, key=1).run(100, record=()).spikes
    assert spikes.all()
