"""Pictures of networks and of learning: states in their order, rules by closed form and table."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from distsnn.comm.serial import SerialComm
from distsnn.gallery import brunel_states, stdp_window, triplet_frequency, weights_over_time
from distsnn.gallery.pictures import play

# Minimal triplet model for visual cortex, integrated pair by pair: frequency -> change
TRIPLET = {
    10.0: {0.1: 0.0, 10.0: 0.1186, 20.0: 0.2278, 40.0: 0.5321, 50.0: 0.7627},
    -10.0: {0.1: -0.3166, 10.0: -0.3322, 20.0: -0.3417, 40.0: 0.1737, 50.0: 0.7492},
}


def require_states(found):
    sync = {name: one["synchrony"] for name, one in found.items()}
    cv = {name: one["cv_isi"] for name, one in found.items()}
    assert max(cv["SR"], cv["AR"]) < 0.15
    assert min(cv["AI"], cv["SI"]) > 0.35
    assert sync["SR"] > 1.0
    assert sync["SI"] > 1.0
    assert sync["AR"] < 0.1
    assert sync["AI"] < 0.5 * sync["SI"]
    assert min(found["SR"]["rate_hz"], found["AR"]["rate_hz"]) > 250.0
    assert found["SI"]["rate_hz"] < found["AI"]["rate_hz"] < 60.0


def test_states_of_a_small_network():
    """A fifth of the neurons of the paper."""
    require_states(brunel_states.measure(play(brunel_states.runs(4000), SerialComm())))


@pytest.mark.slow
def test_states_of_the_network_of_the_paper():
    found = brunel_states.measure(play(brunel_states.runs(), SerialComm()))
    require_states(found)
    assert found["AI"]["rate_hz"] == pytest.approx(37.7, rel=0.05)  # Brunel 2000, fig. 8 C
    # NEST 3.10, iaf_psc_delta, the same parameters: 37.4 Hz and 0.42
    assert found["AI"]["cv_isi"] == pytest.approx(0.42, abs=0.03)


def test_window_is_the_closed_form():
    found = stdp_window.measure(play(stdp_window.runs(), SerialComm()))
    assert found["difference_ms"].size == 400
    assert np.abs(found["change"] - found["closed"]).max() < 2e-7
    u, lead = stdp_window.STARTS, stdp_window.LEAD_MS
    up = stdp_window.A_PLUS * np.exp(-lead / stdp_window.TAU_PLUS_MS)
    down = stdp_window.A_MINUS * np.exp(-lead / stdp_window.TAU_MINUS_MS)
    for name, mu in stdp_window.EXPONENTS.items():
        grown = np.minimum(up * (1 - u) ** mu, 1 - u)
        shrunk = -np.minimum(down * u**mu, u)
        assert np.abs(found["changes"][name] - [grown, shrunk]).max() < 4e-5  # grades of weights


def test_triplets_rise_with_the_frequency_and_pairs_fall():
    found = triplet_frequency.measure(play(triplet_frequency.runs(), SerialComm()))
    frequencies = list(found["frequencies_hz"])
    for changes, lead_ms in zip(
        found["change"]["triplet"], triplet_frequency.LEADS_MS, strict=True
    ):
        for frequency, expected in TRIPLET[lead_ms].items():
            assert changes[frequencies.index(frequency)] == pytest.approx(expected, abs=1e-4)
    after, before = found["change"]["pair"]
    assert all(later < earlier for earlier, later in pairwise(after))
    assert before.max() < 0.0


def require_competition(found, slowed):
    assert found["weights"][0].min() == pytest.approx(1.0, abs=1e-3)
    assert found["rate_hz"][-10:].mean() < slowed * found["rate_hz"][0]
    assert found["weights"].min() >= 0.0
    assert found["weights"].max() <= 1.0 + 1e-9


def test_target_slows_down_while_weights_spread():
    found = weights_over_time.measure(play(weights_over_time.runs(40_000.0), SerialComm()))
    require_competition(found, 0.4)
    spread = found["weights"].std(axis=1)
    assert spread[0] < 1e-3
    assert (np.diff(spread[::10]) > 0).all()


@pytest.mark.slow
def test_weights_become_bimodal():
    found = weights_over_time.measure(play(weights_over_time.runs(), SerialComm()))
    require_competition(found, 0.2)
    counts, _ = np.histogram(found["weights"][-1], 10, (0.0, 1.0))
    middle = counts[3:7].mean()
    assert min(counts[0], counts[-1]) > 2.0 * middle
    assert found["share_weak"] + found["share_strong"] > 0.35
