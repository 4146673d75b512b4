"""Measures against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.measures.memory import memory_capacity, sampled
from distsnn.liquid.measures.probes import filtered
from distsnn.liquid.measures.radius import radius_of, spectral_radius
from distsnn.liquid.measures.ranks import rank_of
from distsnn.liquid.measures.separation import mixed, train_distance
from distsnn.network import ExplicitList, Network
from distsnn.neurons import LifExp
from distsnn.plasticity import PairStdp, TsodyksMarkram


def test_a_delay_line_remembers_as_many_samples_as_it_is_long():
    random = np.random.default_rng(1)
    signal = random.random(4000)
    length = 6
    states = np.stack([np.roll(signal, k) for k in range(length)], axis=1)
    curve = memory_capacity(states, signal, 12, alpha=1e-9)
    assert curve[:length] == pytest.approx(1.0, abs=1e-6)
    assert curve[length:].max() < 0.05
    assert curve.sum() == pytest.approx(length, abs=0.1)


def test_a_leaky_integrator_forgets_exponentially():
    """x(t) = a x(t-1) + u(t): the share of u(t-k) in x is (1 - a^2) a^(2k)."""
    random = np.random.default_rng(2)
    signal = random.standard_normal(40_000)
    a, x = 0.8, np.zeros(40_000)
    for t in range(1, 40_000):
        x[t] = a * x[t - 1] + signal[t]
    curve = memory_capacity(x[:, None], signal, 8, alpha=1e-9)
    expected = (1 - a**2) * a ** (2 * np.arange(8))
    assert curve == pytest.approx(expected, abs=0.02)


def test_noise_remembers_nothing_and_capacity_is_bounded_by_the_states():
    random = np.random.default_rng(3)
    signal = random.random(3000)
    states = random.standard_normal((3000, 5))
    assert memory_capacity(states, signal, 20).sum() < 0.3
    mixture = np.stack([np.roll(signal, k) for k in range(30)], axis=1) @ random.random((30, 4))
    assert memory_capacity(mixture, signal, 40, alpha=1e-9).sum() <= 4.2


@pytest.mark.parametrize(
    ("plasticity", "share"),
    [
        (None, 1.0),
        (TsodyksMarkram(utilisation=0.25, tau_rec_ms=100.0, tau_facil_ms=0.0), 0.25),
        (TsodyksMarkram(utilisation=0.8, tau_rec_ms=100.0, tau_facil_ms=50.0), 0.8),
        (PairStdp(w_max=90.0, w_min=0.0), 1.0),
    ],
)
def test_spectral_radius_of_plastic_synapses(plasticity, share):
    """A ring of five, and another that is weaker: the first spike of a rested synapse counts."""
    network = Network(dt_ms=0.5, seed=1)
    cells = network.population("cells", 10, LifExp())
    pre = np.arange(10)
    post = np.where(pre < 5, (pre + 1) % 5, 5 + (pre + 1) % 5)
    weights = np.where(pre < 5, 60.0, 20.0)
    rule = ExplicitList(pre=pre, post=post, weights=weights)
    network.connect(cells, cells, rule, delay_ms=1.0, plasticity=plasticity)
    assert spectral_radius(network, 10, (0.01, 7.0)) == pytest.approx(0.6 * share, rel=1e-3)


def test_spectral_radius_of_a_large_matrix():
    random = np.random.default_rng(4)
    n = 620
    matrix = random.standard_normal((n, n)) / np.sqrt(n) * 0.1
    matrix += 1.7 * np.outer(np.ones(n), np.ones(n)) / n
    exact = np.abs(np.linalg.eigvals(matrix)).max()
    assert radius_of(matrix) == pytest.approx(exact, rel=1e-3)
    turn = np.zeros((3, 3))
    turn[0, 1] = turn[1, 2] = turn[2, 0] = 2.0
    assert radius_of(turn) == pytest.approx(2.0)


def test_rank():
    random = np.random.default_rng(5)
    low = random.standard_normal((40, 7)) @ random.standard_normal((7, 90))
    assert rank_of(low) == 7
    assert rank_of(np.zeros((3, 3))) == 0


def test_filtered_states_and_samples_agree():
    random = np.random.default_rng(6)
    pairs = np.unique(np.stack([random.integers(0, 100, 300), random.integers(0, 5, 300)]), axis=1)
    step, neuron = pairs
    all_states = filtered(step, neuron, 5, 100, 12.0)
    found = sampled(step, neuron, 5, 10, 10, 12.0)
    assert found == pytest.approx(all_states[9::10], rel=1e-4)


def lines(random, rate=0.02):
    step, line = np.nonzero(random.random((500, 8)) < rate)
    return InputSpikes(step, line, 500)


def test_distance_of_trains():
    random = np.random.default_rng(7)
    u, w = lines(random), lines(random)
    assert train_distance(u, u, 8, 1.0) == 0.0
    far = train_distance(u, w, 8, 1.0)
    half = train_distance(u, mixed(u, w, 0.5, random), 8, 1.0)
    assert 0.7 < far < 1.4  # independent trains of 20 Hz: about 1
    assert 0.2 < half < 0.8 * far
    none = mixed(u, w, 0.0, random)
    assert (none.step == u.step).all()
