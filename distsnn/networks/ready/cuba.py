"""Balanced network of 4,000 cells with current-based synapses, whose activity sustains itself.

Source: Vogels & Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349,
benchmark 2. A spike changes the synaptic current by 16.2 pA (excitatory) or -139.5 pA (inhibitory),
as in the NEST script that accompanies the review.
"""

from __future__ import annotations

from distsnn.network import Network, Uniform
from distsnn.networks.balanced import DEFAULT_DT_MS as DEFAULT_DT_MS
from distsnn.networks.balanced import DELAY_MS, balanced
from distsnn.networks.checks import require_least
from distsnn.neurons.presets import PRESETS


def build(
    scale: float = 1.0,
    weight_e_pa: float = 16.2,
    weight_i_pa: float = -139.5,
    delay_ms: float = DELAY_MS,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``; scale and delay_ms as in ``balanced``.

    weight_e_pa, weight_i_pa: at least 0, at most 0. Initial potentials are uniform between reset and
    threshold. Raises UsageError for a setting outside its limits.
    """
    require_least("cuba", "weight_e_pa", weight_e_pa, 0.0)
    require_least("cuba", "weight_i_pa", -weight_i_pa, 0.0)
    return balanced(
        "cuba",
        PRESETS["balanced currents"],
        {"v": Uniform(-60.0, -50.0)},  # mV, reset to threshold
        (weight_e_pa, weight_i_pa),
        scale=scale,
        delay_ms=delay_ms,
        dt_ms=dt_ms,
        seed=seed,
    )
