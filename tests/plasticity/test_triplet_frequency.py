"""Pairs at rising frequency: what triplets explain and pairs cannot.

60 pairs at the frequency, minimal model for visual cortex, all-to-all, no bounds in reach. Expected
numbers: the equations integrated pair by pair in float64 here, and those of an independent
integration, which agree with the data of Sjoestroem, Turrigiano & Nelson 2001 (Neuron 32:1149).
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from plasticity.forced import Forced

from distsnn.plasticity import PairStdp, TripletStdp

A3_PLUS, A2_MINUS = 6.5e-3, 7.1e-3
TAU_PLUS_MS, TAU_MINUS_MS, TAU_Y_MS = 16.8, 33.7, 114.0
N_PAIRS, RANGE = 60, 8.0
TABLE = {
    (0.1, 10.0): 0.0, (10.0, 10.0): 0.1186, (20.0, 10.0): 0.2278, (40.0, 10.0): 0.5321,
    (50.0, 10.0): 0.7627, (0.1, -10.0): -0.3166, (10.0, -10.0): -0.3322,
    (20.0, -10.0): -0.3417, (40.0, -10.0): 0.1737, (50.0, -10.0): 0.7492,
}  # fmt: skip


def change(rule, frequency_hz: float, lead_ms: float) -> float:
    """Return the change of the weight; the target spikes ``lead_ms`` after the source's arrival."""
    dt_ms = 10.0 if frequency_hz < 1.0 else 0.1
    period = round(1000.0 / frequency_hz / dt_ms)
    first = 200
    pre = first + period * np.arange(N_PAIRS)
    post = pre + 1 + round(lead_ms / dt_ms)
    forced = Forced([pre], [post], ([0], [0], [1.0], [1]), rule, dt_ms=dt_ms, threshold_mv=100.0)
    return float(forced.weights()[0]) - 1.0


def triplet() -> TripletStdp:
    return TripletStdp(
        1 + RANGE / 2, 1 - RANGE / 2, 0.0, A3_PLUS / RANGE, A2_MINUS / RANGE, 0.0,
        TAU_PLUS_MS, TAU_MINUS_MS, 101.0, TAU_Y_MS,
    )  # fmt: skip


def integrated(frequency_hz: float, lead_ms: float) -> float:
    """The minimal triplet model, spike by spike, in float64."""
    period_ms = 1000.0 / frequency_hz
    spikes = sorted(
        [(k * period_ms, 0) for k in range(N_PAIRS)]
        + [(k * period_ms + lead_ms, 1) for k in range(N_PAIRS)]
    )
    r1 = o1 = o2 = total = 0.0
    before = spikes[0][0]
    for time, is_post in spikes:
        r1 *= math.exp(-(time - before) / TAU_PLUS_MS)
        o1 *= math.exp(-(time - before) / TAU_MINUS_MS)
        o2 *= math.exp(-(time - before) / TAU_Y_MS)
        before = time
        if is_post:
            total += A3_PLUS * r1 * o2
            o1, o2 = o1 + 1.0, o2 + 1.0
        else:
            total -= A2_MINUS * o1
            r1 += 1.0
    return total


@pytest.mark.parametrize(("frequency_hz", "lead_ms"), TABLE)
def test_frequency_dependence(frequency_hz, lead_ms):
    got = change(triplet(), frequency_hz, lead_ms)
    assert got == pytest.approx(TABLE[frequency_hz, lead_ms], abs=1e-4)
    assert got == pytest.approx(integrated(frequency_hz, lead_ms), abs=2e-5)


def test_pairs_show_another_dependence():
    """With pairs only, potentiation at +10 ms falls with the frequency."""
    rule = PairStdp(1 + RANGE / 2, 1 - RANGE / 2, 5e-3 / RANGE, 7e-3 / RANGE, 16.8, 33.7)
    changes = [change(rule, f, 10.0) for f in (0.1, 10.0, 20.0, 40.0)]
    assert all(later < earlier for earlier, later in pairwise(changes))
    rising = [change(triplet(), f, 10.0) for f in (0.1, 10.0, 20.0, 40.0)]
    assert all(later > earlier for earlier, later in pairwise(rising))
