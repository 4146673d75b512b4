"""One pair of spikes: the window of pair STDP, to the last bits of float32."""

from __future__ import annotations

import numpy as np
import pytest
from plasticity.forced import Forced

from distsnn.plasticity import PairStdp

A_PLUS, A_MINUS, TAU_PLUS_MS, TAU_MINUS_MS = 0.3, 0.2, 16.8, 33.7
START = 0.5
DELAY = 7


def window(dt_ms: float, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the time differences at the synapse in steps and the weights after one pair each."""
    n = round(100.0 / dt_ms)
    differences = np.arange(-n, n + 1)
    back = int(np.floor(share * DELAY + 0.5))
    # At the synapse: the source's spike at 3 n, the target's at 3 n + difference.
    pre = [np.array([3 * n - (DELAY - back)])]
    post = [np.array([3 * n + d - back]) for d in differences]
    synapses = (
        np.zeros(differences.size, int), np.arange(differences.size),
        np.full(differences.size, START), np.full(differences.size, DELAY),
    )  # fmt: skip
    rule = PairStdp(1.0, 0.0, A_PLUS, A_MINUS, TAU_PLUS_MS, TAU_MINUS_MS)
    forced = Forced(pre, post, synapses, rule, share=share, dt_ms=dt_ms, threshold_mv=60.0)
    return differences, forced.weights()


@pytest.mark.parametrize("dt_ms", [1.0, 0.1])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_window_is_the_closed_form(dt_ms, share):
    difference, weight = window(dt_ms, share)
    ms = difference * dt_ms
    grown = A_PLUS * np.exp(-ms / TAU_PLUS_MS)
    shrunk = -A_MINUS * np.exp(ms / TAU_MINUS_MS)
    # In the same step: the target spikes after the input without a way back, else both at once.
    together = A_PLUS if share == 0.0 else 0.0
    expected = START + np.where(difference > 0, grown, np.where(difference < 0, shrunk, together))
    last_bit = np.spacing(expected.astype(np.float32)).astype(np.float64)
    assert np.abs(weight - expected).max() <= 1.5 * last_bit.max()
    assert (np.abs(weight - expected) <= 2.0 * last_bit).all()


def test_bi_and_poo():
    """The fit to Bi & Poo 1998 has its own amplitudes and time constants."""
    pre, post = [np.array([1000])], [np.array([1001 + 10])]
    rule = PairStdp(2.0, 0.0, 0.777 / 2, 0.273 / 2, 16.8, 33.7)
    forced = Forced(pre, post, ([0], [0], [1.0], [1]), rule, dt_ms=1.0, threshold_mv=60.0)
    assert forced.weights()[0] == pytest.approx(1.0 + 0.777 * np.exp(-10 / 16.8), abs=2e-7)
