"""The end of an integrate-and-fire neuron's step: reset and refractory period.

Device functions, called for one neuron i of a slice; ``c`` is the record of the model's constants.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device


@device
def counted_down(steps_left, fires, n_refractory):
    """Return the refractory steps that remain: all after a spike, else one less, at least 0."""
    return np.int32(n_refractory) if fires else max(steps_left - np.int32(1), np.int32(0))


@device
def settle(i, fires, v_new, c, v, refractory, spiked):
    """Store v, the refractory steps and the spike; c: a record with reset and n_refractory.

    spike: v = reset, held for n_refractory steps;   else v = v_new
    """
    v[i] = c.reset if fires else v_new
    refractory[i] = counted_down(refractory[i], fires, c.n_refractory)
    spiked[i] = np.uint8(1) if fires else np.uint8(0)
