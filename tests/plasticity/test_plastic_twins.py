"""Every rule against a plain twin that treats one event after the other, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced, poisson_trains
from plasticity.plastic_twin import all_learned

from distsnn.plasticity import Oja, PairStdp, RewardStdp, TripletStdp, VogelsStdp

W_MAX = 12.0
REWARDS = ((60.1, 0.4), (100.0, -0.7), (100.0, 0.2), (310.3, 1.0))
REWARD_STEPS = [(600, 0.4), (999, -0.5), (3102, 1.0)]  # those of one step add up
RULES = {
    "additive": PairStdp(w_max=W_MAX, a_plus=0.02, a_minus=0.021),
    "multiplicative": PairStdp(W_MAX, 0, 0.02, 0.021, 15.0, 30.0, mu_plus=1.0, mu_minus=1.0),
    "power": PairStdp(W_MAX, 2.0, 0.03, 0.03, 15.0, 30.0, mu_plus=0.4, mu_minus=0.7),
    "nearest": PairStdp(W_MAX, -1.0, 0.02, 0.02, pairing="nearest"),
    "triplet": TripletStdp(W_MAX, 0, 5e-3, 6.2e-3, 7e-3, 2.3e-4, tau_y_ms=125.0),
    "triplet nearest": TripletStdp(W_MAX, 0, 5e-3, 6.2e-3, 7e-3, 2.3e-4, pairing="nearest"),
    "oja": Oja(W_MAX, eta=0.02, alpha=0.3),
    "vogels": VogelsStdp(W_MAX, eta=0.02, rho_hz=20.0),
    "reward": RewardStdp(
        W_MAX, a_plus=0.05, a_minus=0.06, rewards=REWARDS, tau_eligibility_ms=200.0
    ),
}


def random_case(seed: int, every: int, n: int = 12, rate_hz: float = 40.0, n_steps: int = 4000):
    rng = np.random.default_rng(seed)
    pre = poisson_trains(rng, n, rate_hz, n_steps, 0.1)
    post = poisson_trains(rng, n, rate_hz, n_steps, 0.1)
    post[3] = np.arange(1, n_steps)[::every]  # one that spikes very often
    n_synapses = 8 * n
    i, j = rng.integers(0, n, (2, n_synapses))
    delays = rng.integers(1, 40, n_synapses)
    weights = rng.uniform(0.2, 0.8, n_synapses) * W_MAX
    return pre, post, (i, j, weights, delays)


@pytest.mark.parametrize("every", [2, 1])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", RULES)
def test_weights_equal_plain_events(name, share, every):
    rule = RULES[name]
    # At a bound the power has an infinite slope and would turn rounding into differences.
    pre, post, synapses = random_case(len(name), 137 if name == "power" else every)
    low = rule.w_min
    synapses = (*synapses[:2], np.maximum(synapses[2], low), synapses[3])
    expected = all_learned(
        rule, pre, post, synapses, share, 0.1,
        rewards=REWARD_STEPS,
    )  # fmt: skip
    got = Forced(pre, post, synapses, rule, share=share).weights()
    moved = np.abs(expected - synapses[2][np.lexsort((synapses[3], synapses[0], synapses[1]))])
    assert moved.mean() > 0.02 * W_MAX, "the rule must do something for the test to mean anything"
    assert np.abs(got - expected).max() < 2e-6 * (W_MAX - low)
