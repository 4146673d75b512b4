"""One compartment of a tree of Loihi compartments, and the joins with its children.

Every function works on arrays over the neurons of a slice. ``distsnn.neurons.loihi_tree`` has the
equations.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.neuron.loihi import MAX_SUM, Q_BITS, U_BITS
from distsnn.kernels.numbers.fixed_point import decayed, wrapped

JOINS = ("none", "add", "min", "max", "or", "and", "pass", "block")
NONE, ADD, MIN, MAX, OR, AND, PASS, BLOCK = range(8)


@device
def sum_of(c, u, bias, arriving, current, s, misfit):
    """s = sum of one compartment before the join; misfit = 1 if a number wrapped.

    c: the record of a compartment's constants, ``loihi_tree.Part``.
    """
    keep_u, shift, max_sum = np.int32(c.keep_u), np.int32(c.weight_shift), np.float32(MAX_SUM)
    for i in range(u.size):
        # q = arriving 2^(6 + weight_exponent)
        weights = np.int32(min(max(arriving[i], -max_sum), max_sum))
        q_whole = np.int32(weights << shift)
        q = wrapped(q_whole, Q_BITS)
        # u = decay(u, 4095 - decay_u) + q;   s = u + bias + I
        u_whole = np.int32(decayed(u[i], keep_u) + q)
        u_1 = wrapped(u_whole, U_BITS)
        u[i] = u_1
        s[i] = np.int32(u_1 + bias[i] + np.int32(current[i]))
        wraps = (q != q_whole) | (u_1 != u_whole) | (abs(arriving[i]) > max_sum)
        misfit[i] = np.float32(1.0) if wraps else misfit[i]


@device
def take_child(join, is_first, number, above, s, gate):
    """Combine a child with its parent's s and gate, according to the parent's join.

    number: s or v that the child passes on. above: 1 if the child is above its threshold.
    """
    if join == ADD or (join >= PASS and not is_first):
        for i in range(s.size):
            s[i] = np.int32(s[i] + number[i])
    elif join == MIN:
        for i in range(s.size):
            s[i] = min(s[i], number[i])
    elif join == MAX:
        for i in range(s.size):
            s[i] = max(s[i], number[i])
    # Gates: AND multiplies the conditions, BLOCK inverts one, OR and PASS need one of them.
    elif join == AND:
        for i in range(s.size):
            gate[i] = np.int32(gate[i] & above[i])
    elif join == BLOCK:
        for i in range(s.size):
            gate[i] = np.int32(np.int32(1) - above[i])
    else:  # OR, and the first child of PASS
        for i in range(s.size):
            gate[i] = np.int32(gate[i] | above[i])


@device
def fire(c, v, refractory, s, above, misfit, spiked, is_root):
    """Update v and spikes from s; s becomes the number passed to the parent."""
    keep_v, threshold = np.int32(c.keep_v), np.int32(c.threshold)
    n_refractory = np.int32(c.n_refractory)
    v_min, v_max = np.int32(1 - (np.int64(1) << np.int64(c.v_min_exponent))), np.int32(c.v_max)
    hands_v, spikes = c.hands_v > np.float32(0.0), c.spikes > np.float32(0.0)
    for i in range(v.size):
        # v = decay(v, 4096 - decay_v) + s, cut to v_min .. v_max; 0 while refractory
        fitting = wrapped(s[i], U_BITS)
        v_whole = np.int32(decayed(v[i], keep_v) + fitting)
        v_1 = np.int32(0) if refractory[i] > 0 else min(max(v_whole, v_min), v_max)
        is_above = v_1 > threshold
        fires = is_above & spikes
        wraps = (fitting != s[i]) | (v_whole > v_max)
        misfit[i] = np.float32(1.0) if wraps else misfit[i]
        # the number for the parent: v before a reset, or s
        v_handed = v_1 if spikes | is_above else np.int32(0)
        s[i] = v_handed if hands_v else fitting
        above[i] = np.int32(1) if is_above else np.int32(0)
        v[i] = np.int32(0) if fires else v_1
        left = n_refractory if fires else refractory[i]
        refractory[i] = max(np.int32(left - np.int32(1)), np.int32(0))
        if is_root:
            spiked[i] = np.uint8(1) if fires else np.uint8(0)
