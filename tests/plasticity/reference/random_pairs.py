"""The random network that both sides run: 100 x 100 neurons, 2,000 synapses, 10 s of given spikes."""

from __future__ import annotations

import random

N_NEURONS, N_SYNAPSES, N_STEPS = 100, 2000, 100_000
DT_MS = 0.1
W_MAX = 12.0
LAST_PRE_STEP = N_STEPS - 100  # all sources spike once more, so that all weights are up to date
CASES = {
    "additive": ("stdp_synapse", {"lambda": 0.01, "alpha": 1.05, "mu_plus": 0.0, "mu_minus": 0.0}),
    "multiplicative": (
        "stdp_synapse", {"lambda": 0.02, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0},
    ),
    "power": ("stdp_synapse", {"lambda": 0.01, "alpha": 1.1, "mu_plus": 0.4, "mu_minus": 0.4}),
    "nearest": (
        "stdp_nn_symm_synapse", {"lambda": 0.02, "alpha": 1.05, "mu_plus": 1.0, "mu_minus": 1.0},
    ),
    "triplet": (
        "stdp_triplet_synapse",
        {"Aplus": 0.06, "Aminus": 0.084, "Aplus_triplet": 0.0744, "Aminus_triplet": 0.00276},
    ),
}  # fmt: skip
TAU_PLUS_MS, TAU_MINUS_MS, TAU_X_MS, TAU_Y_MS = 16.8, 33.7, 101.0, 125.0


def trains(seed: int, first: int, until: int) -> list[list[int]]:
    """Return for each neuron the steps in which it spikes: at random, 4 to 16 times per second."""
    draw = random.Random(seed)
    found = []
    for _ in range(N_NEURONS):
        n = round(draw.uniform(4.0, 16.0) * N_STEPS * DT_MS * 1e-3)
        found.append(sorted(draw.sample(range(first, until), n)))
    return found


def pre_trains() -> list[list[int]]:
    """Return the steps of the sources' spikes."""
    return [[*train, LAST_PRE_STEP] for train in trains(1, 1, LAST_PRE_STEP - 200)]


def post_trains() -> list[list[int]]:
    """Return the steps of the targets' spikes, none early: NEST's nearest-neighbour synapse takes
    it that every source spiked at time 0."""
    return trains(2, 4000, LAST_PRE_STEP - 100)


def synapses() -> list[tuple[int, int, float, int]]:
    """Return (pre, post, weight, delay in steps) of each synapse, sorted by post, then pre."""
    draw = random.Random(3)
    pairs = draw.sample(range(N_NEURONS * N_NEURONS), N_SYNAPSES)
    return [
        (pair % N_NEURONS, pair // N_NEURONS, W_MAX * draw.uniform(0.1, 0.9), draw.randint(1, 30))
        for pair in sorted(pairs)
    ]
