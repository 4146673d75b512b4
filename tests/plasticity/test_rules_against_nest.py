"""Weights of a random 100 x 100 network after 10 s against NEST 3.10, for the same spikes.

The reference numbers and how they were made: ``reference/make_nest.py``. NEST has the whole delay
between synapse and soma, hence the dendritic share of 1.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plasticity.forced import Forced
from plasticity.reference.random_pairs import (
    CASES,
    DT_MS,
    TAU_MINUS_MS,
    TAU_PLUS_MS,
    TAU_X_MS,
    TAU_Y_MS,
    W_MAX,
    post_trains,
    pre_trains,
    synapses,
)

from distsnn.plasticity import PairStdp, TripletStdp

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("nest.json").read_text())


def rule_of(name: str) -> PairStdp | TripletStdp:
    """Return NEST's rule in our words: its amplitudes are lambda, or absolute for triplets."""
    given = CASES[name][1]
    if name == "triplet":
        return TripletStdp(
            W_MAX, 0.0, given["Aplus"] / W_MAX, given["Aplus_triplet"] / W_MAX,
            given["Aminus"] / W_MAX, given["Aminus_triplet"] / W_MAX,
            TAU_PLUS_MS, TAU_MINUS_MS, TAU_X_MS, TAU_Y_MS,
        )  # fmt: skip
    return PairStdp(
        W_MAX, 0.0, given["lambda"], given["alpha"] * given["lambda"], TAU_PLUS_MS, TAU_MINUS_MS,
        given["mu_plus"], given["mu_minus"], "nearest" if name == "nearest" else "all",
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_final_weights(name):
    drawn = synapses()
    forced = Forced(
        pre_trains(), post_trains(), tuple(zip(*drawn, strict=True)), rule_of(name),
        share=1.0, dt_ms=DT_MS,
    )  # fmt: skip
    got, expected = forced.weights(), np.array(REFERENCE["weights"][name])
    start = np.array([weight for _, _, weight, _ in drawn])
    assert np.abs(expected - start).mean() > 0.05 * W_MAX
    assert np.abs(got - expected).max() < 2e-6 * W_MAX
