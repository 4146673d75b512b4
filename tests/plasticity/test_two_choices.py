"""A network that learns by reward which of two actions each of two cues asks for.

Each trial one of two groups of inputs spikes once; both actions are excited through plastic synapses
and by noise, and inhibit each other. Judges, which spike where a cue and an action come together, bring
the reward: +1 where it was the right action, -1 where it was not. Everything is in the network, so a
reward reaches the synapses of all ranks.
"""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.network import ExplicitList, Network
from distsnn.neurons import LifDelta
from distsnn.plasticity import RewardStdp
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson, SpikeSource

N_TRIALS, TRIAL_MS = 300, 80.0
DT_MS = 0.5
GROUP = 20  # inputs per cue
W_MAX = 2.6


def play(right: dict[int, int], reward: float, seed: int) -> np.ndarray:
    """Return for each trial 1 if the first action was right, 0 if wrong, nan if there was none.

    right: action by cue.
    """
    rng = np.random.default_rng(seed)
    cues = rng.integers(0, 2, N_TRIALS)
    network = Network(dt_ms=DT_MS, seed=seed)
    starts = TRIAL_MS * np.arange(N_TRIALS) + 10.0
    inputs = network.population("inputs", 2 * GROUP, volleys(cues, starts, rng))
    signals = network.population("signals", 2, SpikeSource(starts, cues))
    actions = network.population("actions", 2, LifDelta(tau_m_ms=10.0, t_ref_ms=30.0))
    # Judge 2 * cue + action: one of both leaves it below the threshold.
    judge = LifDelta(tau_m_ms=40.0, v_threshold_mv=1.5, v_reset_mv=0.0)
    praised, blamed = (network.population(name, 4, judge) for name in ("praised", "blamed"))
    rule = RewardStdp(W_MAX, a_plus=0.03, a_minus=0.0, tau_plus_ms=10.0, tau_eligibility_ms=50.0)
    i, j = (part.ravel() for part in np.mgrid[0 : 2 * GROUP, 0:2])
    learning = network.connect(
        inputs, actions, ExplicitList(i, j, np.full(i.size, 0.5 * W_MAX)), plasticity=rule
    )
    network.connect(actions, actions, ExplicitList([0, 1], [1, 0]), weight=-40.0)
    network.stimulate(actions, Poisson(rate_hz=400.0, weight=1.0))
    for population, is_right in ((praised, True), (blamed, False)):
        chosen = [(c, a) for c in (0, 1) for a in (0, 1) if (right[c] == a) == is_right]
        into = [2 * c + a for c, a in chosen]
        network.connect(signals, population, ExplicitList([c for c, _ in chosen], into), weight=1.2)
        network.connect(actions, population, ExplicitList([a for _, a in chosen], into), weight=1.2)
        amount = reward if is_right else -reward
        network.modulate(learning, population, amount=amount, delay_ms=DT_MS)
    result = simulate(network, duration_ms=N_TRIALS * TRIAL_MS)
    return outcomes(result.spikes("actions"), cues, right)


def volleys(cues: np.ndarray, starts: np.ndarray, rng: np.random.Generator) -> SpikeSource:
    """Return the spikes of the inputs: once each in a trial of their cue, within 16 ms."""
    neurons = (GROUP * cues[:, np.newaxis] + np.arange(GROUP)).ravel()
    times = np.repeat(starts, GROUP) + rng.integers(1, 33, neurons.size) * DT_MS
    order = np.argsort(times, kind="stable")
    return SpikeSource(times[order], neurons[order])


def outcomes(spikes: tuple, cues: np.ndarray, right: dict[int, int]) -> np.ndarray:
    """Return what ``play`` does."""
    times, neurons = spikes
    trial = np.floor(times / TRIAL_MS).astype(int)
    answered = (times % TRIAL_MS > 10.0) & (trial < N_TRIALS)
    found = np.full(N_TRIALS, np.nan)
    for k in np.flatnonzero(answered)[::-1]:  # the first of a trial is written last
        found[trial[k]] = neurons[k] == right[cues[trial[k]]]
    return found


@pytest.mark.parametrize("right", [{0: 0, 1: 1}, {0: 1, 1: 0}], ids=["same", "crossed"])
def test_right_actions_are_learned(right):
    runs = np.array([play(right, 1.0, seed) for seed in (1, 2, 3)])
    assert 0.25 <= np.nanmean(runs[:, :10]) <= 0.8
    late = runs[:, -80:]
    assert np.isfinite(late).mean() > 0.95
    assert (np.nanmean(late, axis=1) > 0.95).all()


def test_without_reward_nothing_is_learned():
    found = np.concatenate([play({0: 0, 1: 1}, 0.0, seed) for seed in (1, 2, 3)])
    n = np.isfinite(found).sum()
    assert n > 300
    assert abs(np.nanmean(found) - 0.5) < 4.0 * 0.5 / np.sqrt(n)
