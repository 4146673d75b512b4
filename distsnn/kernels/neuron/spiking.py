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


@device
def settle_or_wait(i, v_new, c, v, wait, spiked):
    """Store v and the spike of a neuron that begins after ``wait`` steps; see ``NirNeuron``.

    v_new > threshold: v = kept v_new + after;   else v = v_new; while waiting v stays as it is
    """
    is_waiting = wait[i] > 0
    fires = (v_new > c.threshold) and not is_waiting
    settled = c.kept * v_new + c.after if fires else v_new
    v[i] = v[i] if is_waiting else settled
    wait[i] = max(wait[i] - np.int32(1), np.int32(0))
    spiked[i] = np.uint8(1) if fires else np.uint8(0)
