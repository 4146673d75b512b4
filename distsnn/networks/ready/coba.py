"""Balanced network of 4,000 cells with conductance-based synapses, whose activity sustains itself.

Source: Vogels & Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349,
benchmark 1: a spike adds 6 nS (excitatory) or 67 nS (inhibitory). A Poisson train stimulates each
cell for the first 50 ms, as in the original simulations; after that nothing drives the network. How
long its activity lasts differs from seed to seed, and it is longer in larger networks (Kumar et al.
2008, Neural Comput 20:1).
"""

from __future__ import annotations

from distsnn.network import Network, Uniform
from distsnn.networks.balanced import DEFAULT_DT_MS as DEFAULT_DT_MS
from distsnn.networks.balanced import DELAY_MS, balanced
from distsnn.networks.checks import require_least
from distsnn.neurons.presets import PRESETS
from distsnn.stimuli import Poisson
from distsnn.time_grid import rounded_ms

PUSH_MS, PUSH_NS = 50.0, 6.0  # duration and weight of the initial stimulus


def build(
    scale: float = 1.0,
    weight_e_ns: float = 6.0,
    weight_i_ns: float = 67.0,
    push_hz: float = 100.0,
    delay_ms: float = DELAY_MS,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``; scale and delay_ms as in ``balanced``.

    weight_e_ns, weight_i_ns: conductances that a spike adds, both at least 0. push_hz: rate of the
    excitatory Poisson train of each cell in the first 50 ms. Initial potentials are uniform between
    reset and threshold. Raises UsageError for a setting outside its limits.
    """
    require_least("coba", "weight_e_ns", weight_e_ns, 0.0)
    require_least("coba", "weight_i_ns", weight_i_ns, 0.0)
    require_least("coba", "push_hz", push_hz, 0.0)
    network = balanced(
        "coba",
        PRESETS["balanced conductances"],
        {"v": Uniform(-60.0, -50.0)},  # mV, reset to threshold
        (weight_e_ns, -weight_i_ns),  # the sign selects the receptor
        scale=scale,
        delay_ms=delay_ms,
        dt_ms=dt_ms,
        seed=seed,
    )
    if push_hz > 0.0:
        push = Poisson(rate_hz=push_hz, weight=PUSH_NS, stop_ms=rounded_ms(PUSH_MS, dt_ms))
        for population in network.populations:
            network.stimulate(population, push)
    return network
