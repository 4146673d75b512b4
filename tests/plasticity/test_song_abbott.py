"""A neuron with 1,000 plastic inputs: additive STDP sorts them into weak and strong ones.

Song, Miller & Abbott 2000, Nat Neurosci 3:919, in the form that is widely run: conductances up to 0.01
of the leak, tau_m 10, tau_syn 5, tau_+ = tau_- = 20 ms, rest -74, threshold -54, reset -60 mV, weights
drawn evenly from the whole range. Learning loses by 1.05 more than it gains: over whole steps of dt the
window's sides are sums of exp(-k dt / tau), from k = 0 on for growth and from k = 1 on for loss.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from distsnn.network import AllToAll, Network, Uniform
from distsnn.neurons import LifCondExp, PoissonNeuron
from distsnn.plasticity import PairStdp
from distsnn.simulation import simulate

DT_MS, TAU_MS = 1.0, 20.0
LEAK_NS = 10.0
G_MAX = 0.01 * LEAK_NS
A_PLUS, EXCESS = 0.01, 1.05
TARGETS_HZ = (5.0, 30.0)  # where the rate of the neuron ends


@cache
def learned(mu: float, rate_hz: float, duration_ms: float) -> tuple[np.ndarray, float, float]:
    """Return the weights, sorted into ten equal parts of the range, and the first and last rate."""
    network = Network(dt_ms=DT_MS, seed=5)
    exc = network.population("exc", 1000, PoissonNeuron(rate_hz))
    neuron = LifCondExp(
        c_m_pf=10.0 * LEAK_NS, g_l_ns=LEAK_NS, e_l_mv=-74.0, v_threshold_mv=-54.0,
        v_reset_mv=-60.0, t_ref_ms=0.0, e_e_mv=0.0, tau_syn_e_ms=5.0,
    )  # fmt: skip
    out = network.population("out", 1, neuron)
    a_minus = A_PLUS * EXCESS * math.exp(DT_MS / TAU_MS)
    rule = PairStdp(G_MAX, 0.0, A_PLUS, a_minus, TAU_MS, TAU_MS, mu_plus=mu, mu_minus=mu)
    plastic = network.connect(exc, out, AllToAll(), weight=Uniform(0.0, G_MAX), plasticity=rule)
    network.record_spikes(exc, False)
    network.record_weights(plastic, every_ms=duration_ms)
    result = simulate(network, duration_ms=duration_ms)
    times, _ = result.spikes("out")
    first = float((times < 2_000.0).sum()) / 2.0
    last = float((times > duration_ms - 20_000.0).sum()) / 20.0
    shares = result.weights(plastic).final / G_MAX
    return np.histogram(shares, 10, (0.0, 1.0))[0], first, last


def test_additive_weights_gather_at_both_ends():
    counts, first, last = learned(0.0, 15.0, 100_000.0)
    middle = counts[2:7].mean()
    assert counts[0] > 2.5 * middle
    assert counts[-1] > 1.8 * middle
    assert TARGETS_HZ[0] < last < 0.5 * first, "learning brings the neuron to a moderate rate"


def test_multiplicative_weights_stay_together():
    counts, _, _ = learned(1.0, 15.0, 40_000.0)
    assert counts[[0, 1, 8, 9]].sum() == 0
    assert counts[3:6].sum() > 900


def test_faster_inputs_leave_fewer_strong_ones():
    """Inputs twice as fast keep the neuron at about its rate: their weights are sorted further down."""
    slow, fast = learned(0.0, 15.0, 100_000.0), learned(0.0, 30.0, 100_000.0)
    assert fast[1] > 3.0 * slow[1]
    assert fast[0][8:].sum() < 0.6 * slow[0][8:].sum()
    assert TARGETS_HZ[0] < fast[2] < TARGETS_HZ[1]
    assert fast[0][-1] > fast[0][4:8].max(), "still two ends"
